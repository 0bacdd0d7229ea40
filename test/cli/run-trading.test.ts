// With what does a run trade, before the exchange has told anything of its account?
import { expect, test } from 'vitest';
import { endpointsOf } from '../../src/bybit/endpoints.ts';
import { tradingOptions, type Ground } from '../../src/cli/run-trading.ts';
import { createLatencies } from '../../src/operator/latency.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { emptyJournal } from '../../src/order/journal.ts';
import { StageTimes } from '../../src/stage-times.ts';
import { configOf } from '../faults/room.ts';
import { memoryLog } from '../store/fixtures.ts';

test.each([
  ['live', 0.000_55],
  ['paper', 0.000_1],
])('the fee of paper is the fee of trading %s only where that is on paper', (mode, fee) => {
  const state = { run: { instance: 'test', epoch: 1, crashes: [] }, recovered: emptyJournal(), latch: {} };
  const keys = { key: 'key', secret: 'secret' };
  const options = tradingOptions({
    config: configOf([`trading.mode=${mode}`, 'paper.taker_fee_percent=0.01']),
    identity: { account: 'test', keys },
    endpoints: endpointsOf('demo'),
    ownKeys: undefined,
    ground: { state } as unknown as Ground,
    log: memoryLog().log as never,
    trader: () => undefined,
    times: new StageTimes(createLatencies(1), systemClock),
    rehearsals: undefined,
  });
  expect(options?.takerFee).toBeCloseTo(fee, 12);
});

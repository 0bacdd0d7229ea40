// Does the gateway live on somebody else's time, without a socket, and is the same seed then the same story?
import { expect, test } from 'vitest';
import { Budget } from '../../../src/bybit/budget.ts';
import { createBybitGateway } from '../../../src/bybit/gateway/gateway.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { createRng } from '../../../src/lib/rng.ts';
import type { Lot, Slot, Tick } from '../../../src/market/units.ts';
import type { GatewayEvent } from '../../../src/order/gateway.ts';
import type { OutboundOrder } from '../../../src/order/words.ts';
import { campaignWires } from '../../campaign/wires.ts';
import { World } from '../../campaign/world.ts';

const SOL = 'SOLUSDT';
const START_MS = 1_786_310_820_000;

/** An entry, a cut of the private stream, a close; everything that was told of it. */
function story(seed: number): GatewayEvent[] {
  const world = new World({ seed, symbols: 3, rate: 30, startMs: START_MS, hopMsMin: 1, hopMsMax: 1 });
  const { exchange } = world;
  const contract = exchange.market.contract(SOL);
  const told: GatewayEvent[] = [];
  const silent = { debug() {}, info() {}, warn() {}, error() {} };
  exchange.advance(50);
  const gateway = createBybitGateway(
    {
      wires: (serverNow) => campaignWires(world, serverNow),
      instrumentOf: (symbol) => exchange.market.contract(symbol)?.instrument,
      touchOf: () => undefined,
      connects: new Budget(60, 300_000 as Ms),
      calls: new Budget(300, 5_000 as Ms),
    },
    world.clock,
    createRng(seed),
    silent,
    (event) => told.push(event),
  );
  exchange.advance(100);
  const last = contract?.matching.lastTick ?? 0;
  const of = { slot: 0 as Slot, symbol: SOL, lots: 13 as Lot, recvWindowMs: 2_000 as Ms };
  const stop = { tick: (last - 900) as Tick, by: 'mark' } as const;
  const entry = { ...of, role: 'E', linkId: 'a-E', side: 'buy', type: 'limit', capTick: (last + 100) as Tick, stop };
  gateway.send({ requestId: 1, path: 'trade-socket', kind: 'create', order: entry as OutboundOrder });
  exchange.advance(500);
  exchange.request(
    { method: 'POST', path: '/control/fault', query: '', headers: {}, body: '{"kind":"cut","channel":"private"}' },
    () => undefined,
  );
  exchange.advance(3_000);
  gateway.send({
    requestId: 2,
    path: 'rest-1',
    kind: 'read-account',
    depth: 'deep',
    sinceMs: exchange.market.startMs as Ms,
  });
  const close = { ...of, role: 'C', linkId: 'a-C', side: 'sell', type: 'market', capTick: undefined } as const;
  gateway.send({ requestId: 3, path: 'rest-2', kind: 'create', order: { ...close, lots: 'all' } });
  exchange.advance(1_000);
  void gateway.close();
  return told;
}

test('an entry, a cut and a close, all within one call', () => {
  const told = story(3);
  const links = told.flatMap((event) => (event.kind === 'link' && event.link === 'private' ? [event.up] : []));
  expect(links).toEqual([true, false, true]);
  const lots = told.flatMap((event) => (event.kind === 'position' ? [event.report.lots] : []));
  expect([lots[0], lots.at(-1)]).toEqual([13, 0]);
  expect(told.find(({ kind }) => kind === 'account-read')).toMatchObject({ reading: { ok: true } });
  expect(told.filter(({ kind }) => kind === 'answer')).toMatchObject([
    { answer: { outcome: 'accepted' } },
    { answer: { outcome: 'accepted' } },
  ]);
});

test('the same seed tells the same, another one does not', () => {
  expect(story(4)).toEqual(story(4));
  expect(story(5)).not.toEqual(story(4));
});

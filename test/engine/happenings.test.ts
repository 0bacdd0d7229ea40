// Is what somebody who looks on is told also written down, and what is written also told?
import { expect, test } from 'vitest';
import { Happenings } from '../../src/engine/happenings.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Happening } from '../../src/operator/port.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import { HandClock } from '../hand-clock.ts';

type Rows = Parameters<Happenings['published']>[0];

function paper(): { readonly rows: Rows; readonly written: unknown[][] } {
  const written: unknown[][] = [];
  const rows: Rows = {
    trade: (...row) => void written.push(['trade', ...row]),
    execution: (...row) => void written.push(['execution', ...row]),
    happened: (...row) => void written.push(['happened', ...row]),
  };
  return { rows, written };
}

test('each trade, execution and event is written as it came, and told once; a person’s execution is none of ours, and a payment is none', () => {
  const told: Happening[] = [];
  const { rows, written } = paper();
  const both = new Happenings(new HandClock(0), (happening) => told.push(happening)).published(rows);
  const trade = { tradeId: 't-1', parameters: { secret: 'long' } } as unknown as Parameters<Rows['trade']>[0];
  const execution = { execId: 'e-1', tradeId: 't-1' } as unknown as Parameters<Rows['execution']>[0];
  const persons = { execId: 'e-2', tradeId: undefined } as unknown as Parameters<Rows['execution']>[0];
  const funding = { execId: 'e-3', tradeId: 't-1', kind: 'funding' } as unknown as Parameters<Rows['execution']>[0];
  const details = { left: 2, why: 'pulled', isLate: true, ages: [1, 2], nothing: undefined };
  both.trade(trade, 'mainnet-1', 3);
  both.execution(execution, 'mainnet-1');
  both.execution(persons, 'mainnet-1');
  both.execution(funding, 'mainnet-1');
  both.happened('desk.drained', 'warning', 'SOLUSDT', details);
  expect(written).toEqual([
    ['trade', trade, 'mainnet-1', 3],
    ['execution', execution, 'mainnet-1'],
    ['execution', persons, 'mainnet-1'],
    ['execution', funding, 'mainnet-1'],
    ['happened', 'desk.drained', 'warning', 'SOLUSDT', details],
  ]);
  expect(told).toEqual([
    { kind: 'trade', atMs: 0, row: { tradeId: 't-1' } },
    { kind: 'execution', atMs: 0, row: execution },
    {
      kind: 'told',
      atMs: 0,
      level: 'warning',
      name: 'desk.drained',
      symbol: 'SOLUSDT',
      fields: { left: 2, why: 'pulled', isLate: true, ages: '[1,2]', nothing: '' },
    },
  ]);
});

test('a verdict, a candidate and the end of a density are told, but of none that was never confirmed', () => {
  const told: Happening[] = [];
  const happenings = new Happenings(new HandClock(5), (happening) => told.push(happening));
  const instrument = createInstrument('SOLUSDT', '0.01', '0.1') as Instrument;
  const event = (kind: string, confirmedMs: number): AnalysisEvent => ({ kind, confirmedMs }) as AnalysisEvent;
  for (const [kind, confirmedMs] of [
    ['state', 3],
    ['label', 0],
    ['label', 3],
  ] as const)
    happenings.ended(event(kind, confirmedMs), instrument);
  happenings.judged(event('candidate', 3), instrument, 's-1', 'stale');
  happenings.decided('SOLUSDT', 's-1', 'G18 positions', '4 of 4');
  const analysis = { kind: 'analysis', atMs: 5, instrument };
  expect(told).toEqual([
    { ...analysis, event: event('label', 3), signalId: undefined, refusal: undefined },
    { ...analysis, event: event('candidate', 3), signalId: 's-1', refusal: 'stale' },
    { kind: 'verdict', atMs: 5, symbol: 'SOLUSDT', signalId: 's-1', refusal: 'G18 positions', detail: '4 of 4' },
  ]);
});

test('where nobody looks on rows go their way alone', () => {
  const { rows } = paper();
  expect(new Happenings(new HandClock(0), undefined).published(rows)).toBe(rows);
});

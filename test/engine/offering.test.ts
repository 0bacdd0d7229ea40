// Which signals of one turn are good, and in which order are they told?
import { expect, test } from 'vitest';
import { createBooks } from '../../src/book/layout.ts';
import { createView, readBook } from '../../src/book/read.ts';
import { Ingest } from '../../src/bybit/frames/ingest.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';
import { createOffering, type Offered } from '../../src/engine/offering.ts';
import type { AnalysisEvent } from '../../src/scan/event.ts';
import type { CoinParameters } from '../../src/store/read/coin-parameters.ts';
import { createTape } from '../../src/tape/layout.ts';
import type { Trader } from '../../src/engine/trader.ts';

const SOL = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;
const NOW = 10_000 as Ms;
const S = 0 as Slot;

/** What is told of bounces off a density that rests untouched, by their priorities and the symbol's row. */
function told(
  priorities: readonly number[],
  coin?: CoinParameters,
  desk?: Pick<Trader, 'offer'>,
  ageMs = 0,
  all: (readonly [number, string | undefined])[] = [],
): typeof all {
  const books = createBooks(1);
  const ingest = new Ingest(books, createTape(1));
  ingest.attach(S, SOL, 50);
  ingest.bind(S, 7);
  const data = { s: 'SOLUSDT', b: [['77.300', '500.0']], a: [['77.310', '1.0']], u: 1, seq: 1 };
  const frame = {
    topic: 'orderbook.50.SOLUSDT',
    type: 'snapshot',
    ts: 1_786_310_820_000,
    data,
    cts: 1_786_310_820_000,
  };
  expect(ingest.frame(new TextEncoder().encode(JSON.stringify(frame)), 7, NOW)).toBe('snapshot');
  const view = createView();
  readBook(books, S, view);
  const { epoch, tenancy } = view;
  const wall = { side: 0, low: 7_730, high: 7_730, current: 7_730 * 5_000, peak: 7_730 * 5_000 } as const;
  const offer = createOffering<Offered>({
    books,
    now: () => NOW,
    trader: () => desk,
    told: ({ event }, refusal) => void all.push([event.priority, refusal]),
  });
  const strategy = { maxSignalAgeMs: 500, breakoutMaxChasePercent: 0.15 };
  const signal = {
    ...({} as AnalysisEvent),
    slot: S,
    signal: 'bounce',
    receivedMs: (NOW - ageMs) as Ms,
    epoch,
    tenancy,
    ...wall,
  } as const;
  offer(
    priorities.map((priority) => ({
      event: { ...signal, priority, relative: 1 },
      symbol: 'SOLUSDT',
      tenant: { strategy, coin },
    })),
  );
  return all;
}

test('of the signals of one turn the best goes first', () => {
  expect(told([1, 3, 2])).toEqual([
    [3, undefined],
    [2, undefined],
    [1, undefined],
  ]);
});

test('only what is good so far is offered to the desk, whose word then stands: all of it before any is told of', () => {
  const all: ReturnType<typeof told> = [];
  const desk: Pick<Trader, 'offer'> = {
    offer(symbol, { priority }) {
      all.push([priority, 'offered']);
      const verdict = { kind: 'verdict', symbol, signalId: 's', refusal: 'G18 positions', detail: '' } as const;
      return priority === 2 ? verdict : undefined;
    },
  };
  expect(told([1], { enabled: false, preferredStrategy: 'both', overrides: {} }, desk)).toEqual([[1, 'disabled']]);
  expect(told([1], undefined, desk, 501)).toEqual([[1, 'stale']]);
  expect(all).toEqual([]);
  expect(told([2, 1], undefined, desk, 500, all)).toEqual([
    [2, 'offered'],
    [1, 'offered'],
    [2, 'G18 positions'],
    [1, 'not listed'],
  ]);
});

test.each([
  [true, 'both', undefined],
  [true, 'bounce', undefined],
  [true, 'breakout', 'not-preferred'],
  [false, 'both', 'disabled'],
] as const)(
  'a bounce of a symbol whose row says enabled: %s and prefers %s is refused as %s',
  (enabled, wished, refusal) => {
    const coin: CoinParameters = { enabled, preferredStrategy: wished, overrides: {} };
    expect(told([1], coin)).toEqual([[1, refusal]]);
  },
);

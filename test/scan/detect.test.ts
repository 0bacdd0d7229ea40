// Does the fast detector see exactly what the plain reading of strategy 2 sees?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VIEW_LEVELS_MAX } from '../../src/book/read.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import { SIDES, type Side } from '../../src/market/side.ts';
import { ScanKernel } from '../../src/scan/kernel/kernel.ts';
import { P_NUMBERS, writeParams } from '../../src/scan/params.ts';
import { arbitraryBook, type PlainBook } from '../oracle/arbitrary.ts';
import { findPlainly } from '../oracle/density.ts';
import { DEFAULTS } from '../oracle/params.ts';
import { instrumentWorth, scanParams } from './plain-params.ts';
import { showLevels } from './show-levels.ts';

const kernel = new ScanKernel();
const view = kernel.createBook(VIEW_LEVELS_MAX);

function detectFast(
  book: PlainBook,
  side: Side,
  instrument: Instrument = instrumentWorth(book.instrument.notionalUnit),
): object[] {
  const levels = side === 0 ? book.bids : book.asks;
  const params = new Float64Array(P_NUMBERS);
  writeParams(params, 0, scanParams(book.params), instrument);
  const middle = book.bestBid > 0 && book.bestAsk > 0 ? book.bestBid + book.bestAsk : 0;
  const out = kernel.found[side];
  showLevels(kernel, view.sides[side], levels);
  kernel.ask(params, 0);
  kernel.call.detect(view.sides[side].at, book.depth, middle);
  const found = Array.from({ length: out.count }, (_, i) => ({
    first: out.first[i] as number,
    last: out.last[i] as number,
    tick: out.price[i],
    notional: out.sum[i],
    typical: out.typical[i],
    total: out.band[0],
    round: out.round[i] === 1,
  }));
  return found.toSorted((a, b) => a.first - b.first);
}

test('the worked example: exactly one density, at 50000, on the bid side', () => {
  const instrument = createInstrument('XUSDT', '10', '1') as Instrument;
  const bids = [
    { tick: 5_000, lot: 100_000 },
    { tick: 4_999, lot: 20_000 },
    { tick: 4_998, lot: 15_000 },
  ];
  const book = { bids, asks: [], bestBid: 5_000, bestAsk: 5_001, depth: 50, instrument, params: DEFAULTS };
  const found = detectFast(book, 0, instrument);
  expect(found).toMatchObject([{ first: 0, last: 0, tick: 5_000, notional: 5_000 * 100_000 }]);
  expect(found).toHaveLength(1);
  expect(detectFast(book, 1, instrument)).toEqual([]);
});

test('a cluster is seen in the scan in which their count begins anew, and no mark of a week ago hides another', () => {
  const levels = (...lots: number[]) => lots.map((lot, i) => ({ tick: 5_000 - i, lot }));
  const bookOf = (bids: ReturnType<typeof levels>): PlainBook => ({
    bids,
    asks: [],
    bestBid: 5_000,
    bestAsk: 5_001,
    depth: 50,
    instrument: { notionalUnit: 0.001 },
    params: DEFAULTS,
  });
  const instrument = createInstrument('XUSDT', '0.01', '0.1') as Instrument;
  const wall = bookOf(levels(100, 90, 100_000, 90, 100, 100));
  const cluster = bookOf(levels(100, 90, 6_000, 6_000, 90, 100));
  const plain = detectFast(cluster, 0, instrument);
  expect(plain).toMatchObject([{ first: 2, last: 3 }]);
  const { scan } = kernel.call as unknown as { readonly scan: { value: number } };
  scan.value = 0;
  expect(detectFast(wall, 0, instrument)).toMatchObject([{ first: 2, last: 2 }]);
  scan.value = 0x3fffffff;
  for (let again = 0; again < 2; again++) expect(detectFast(cluster, 0, instrument)).toEqual(plain);
});

test('every book has the densities that strategy 2 gives it, with the same numbers', () => {
  fc.assert(
    fc.property(arbitraryBook(), (book) => {
      for (const side of SIDES) {
        const levels = side === 0 ? book.bids : book.asks;
        const { bestBid, bestAsk, depth, instrument, params } = book;
        const plain = findPlainly(levels, bestBid, bestAsk, side, depth, instrument, params);
        expect(detectFast(book, side)).toEqual(
          plain.map(({ first, last, tick, notional, typical, total, round }) => {
            return { first, last, tick, notional, typical, total, round };
          }),
        );
      }
    }),
    { numRuns: 5_000 },
  );
});

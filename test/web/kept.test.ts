// Does the page remember the newest of each kind, and each once? And what its drawings cost?
import { expect, test } from 'vitest';
import type { Happened } from '../../src/operator/page/protocol-events.ts';
import { Kept } from '../../src/web/kept.ts';
import { Stopwatch } from '../../src/web/stopwatch.ts';

const NONE: Happened = {
  kind: 'happened',
  signals: [],
  endings: [],
  trades: [],
  fills: [],
  told: [],
  log: [],
  equity: [],
};
const LISTS = ['signals', 'endings', 'trades', 'fills', 'told', 'log', 'equity'] as const;

const happened = (some: Partial<Record<(typeof LISTS)[number], readonly object[]>>): Happened =>
  ({ ...NONE, ...some }) as Happened;

test('what is told again takes the place of what was known of it: a signal, an execution, the end of a density of one symbol', () => {
  const kept = new Kept();
  kept.take(
    happened({
      signals: [{ id: 'a' }, { id: 'b' }],
      fills: [{ id: 'a' }, { id: 'b' }],
      endings: [
        { id: 1, symbol: 'SOLUSDT' },
        { id: 1, symbol: 'XRPUSDT' },
      ],
    }),
  );
  kept.take(
    happened({
      signals: [{ id: 'a', detail: 'new' }],
      fills: [{ id: 'a', size: '2' }],
      endings: [{ id: 1, symbol: 'SOLUSDT', label: 'eaten' }],
    }),
  );
  expect(kept.signals).toEqual([{ id: 'a', detail: 'new' }, { id: 'b' }]);
  expect(kept.fills).toEqual([{ id: 'a', size: '2' }, { id: 'b' }]);
  expect(kept.endings).toEqual([
    { id: 1, symbol: 'SOLUSDT', label: 'eaten' },
    { id: 1, symbol: 'XRPUSDT' },
  ]);
});

test('of each kind so many of the newest are kept, and whoever draws them sees that there is news', () => {
  const kept = new Kept();
  const many = Array.from({ length: 5_000 }, (_, id) => ({ id, symbol: 'SOLUSDT' }));
  kept.take(
    happened({ ...Object.fromEntries(LISTS.map((list) => [list, many])), equity: many.map(({ id }) => [id + 1, 1]) }),
  );
  expect(LISTS.map((list) => kept[list].length)).toEqual([300, 600, 500, 500, 600, 600, 4_000]);
  expect([kept.signals.at(-1), kept.log.at(-1), kept.equity.at(-1)]).toEqual([many.at(-1), many.at(-1), [5_000, 1]]);
  expect(kept.revision).toBe(1);
  kept.forget();
  expect(LISTS.map((list) => kept[list].length)).toEqual([0, 0, 0, 0, 0, 0, 0]);
  expect(kept.revision).toBe(2);
});

test('a quantile of the drawings is of the last 256, in the order of their lengths', () => {
  const watch = new Stopwatch();
  expect(watch.quantile(0.5)).toBeUndefined();
  for (const ms of [9, 100, 10]) watch.note(ms);
  expect([0, 0.5, 0.99, 1].map((part) => watch.quantile(part))).toEqual([9, 10, 100, 100]);
  for (let ms = 1; ms <= 256; ms++) watch.note(ms);
  expect([watch.count, watch.quantile(0), watch.quantile(0.5), watch.quantile(1)]).toEqual([259, 1, 129, 256]);
});

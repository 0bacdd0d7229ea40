// Does a client who follows cursors get every row once, while new ones come in?
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Page, pageOf, windowOf } from '../../../src/simulator/gateway/paging.ts';
import type { Refusal } from '../../../src/simulator/venue/model.ts';

interface Row {
  readonly id: string;
  readonly ms: number;
}

const SIZE = { usual: 3, most: 5 };
const place = ({ id, ms }: Row) => [id, ms] as const;
const rows = (count: number): Row[] =>
  Array.from({ length: count }, (_, i) => ({ id: `row-${count - i}`, ms: 1_000 - Math.floor(i / 2) }));

function page(list: readonly Row[], params: Record<string, string>): Page<Row> {
  const outcome = pageOf(list, params, SIZE, place);
  if ('code' in outcome) throw new Error(outcome.text);
  return outcome;
}

test('a list that fits has no cursor, and one that does not has one that is percent-encoded', () => {
  expect(page(rows(3), {})).toEqual({ rows: rows(3), cursor: '' });
  expect(page(rows(7), {}).cursor).toBe('row-5%3A999');
  expect(page([], {})).toEqual({ rows: [], cursor: '' });
});

test('where the last page has a cursor too, there is an empty page behind it', () => {
  const size = { ...SIZE, cursorAtEnd: true };
  expect(pageOf(rows(3), {}, size, place)).toMatchObject({ rows: rows(3), cursor: 'row-1%3A999' });
  expect(pageOf(rows(3), { cursor: 'row-1:999' }, size, place)).toEqual({ rows: [], cursor: '' });
});

test.each([{ limit: '0' }, { limit: '6' }, { limit: 'x' }, { limit: '1.5' }, { cursor: 'somewhere' }])(
  '%o is refused',
  (params) => {
    expect(pageOf(rows(7), params, SIZE, place)).toMatchObject({ code: 10_001 });
  },
);

test('following cursors gives every old row once, newest first, whatever comes in or goes meanwhile', () => {
  const change = fc.constantFrom('nothing', 'comes', 'cursor row goes');
  fc.assert(
    fc.property(fc.nat(30), fc.integer({ min: 1, max: 5 }), fc.array(change), (count, limit, changes) => {
      let list = rows(count);
      const old = list;
      const seen: string[] = [];
      let cursor = '';
      do {
        const answer = page(list, { limit: String(limit), cursor: decodeURIComponent(cursor) });
        seen.push(...answer.rows.map(({ id }) => id));
        ({ cursor } = answer);
        const next = changes.pop();
        if (next === 'comes') list = [{ id: `new-${list.length}`, ms: 2_000 }, ...list];
        const last = answer.rows.at(-1)?.id;
        // Of one millisecond only this row may go: the cursor knows no more than its time then.
        if (
          next === 'cursor row goes' &&
          list.filter(({ ms }) => ms === list.find(({ id }) => id === last)?.ms).length === 1
        )
          list = list.filter(({ id }) => id !== last);
      } while (cursor !== '');
      expect(seen).toEqual(old.map(({ id }) => id));
    }),
  );
});

test('a history is asked for a week at most, by default the last one', () => {
  const week = 7 * 86_400_000;
  const now = 10 * week;
  expect(windowOf({}, now)).toEqual({ fromMs: now - week, toMs: Infinity });
  expect(windowOf({}, now, 1)).toEqual({ fromMs: now - 86_400_000, toMs: Infinity });
  expect(windowOf({ startTime: '5' }, now)).toEqual({ fromMs: 5, toMs: week + 5 });
  expect(windowOf({ endTime: String(week) }, now)).toEqual({ fromMs: 0, toMs: week });
  const refused = (startTime: string, endTime: string): Refusal => windowOf({ startTime, endTime }, now) as Refusal;
  expect(refused('0', String(week + 1))).toMatchObject({ code: 10_001 });
  expect(refused('9', '8')).toMatchObject({ code: 10_001 });
  expect(refused('yesterday', '8')).toMatchObject({ code: 10_001 });
});

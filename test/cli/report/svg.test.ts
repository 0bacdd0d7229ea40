// Can the plots of a report be read?
import { expect, test } from 'vitest';
import { countBars, curve, thinned, ticksOf } from '../../../src/cli/report/svg.ts';

test.each([
  ['a first run of half a minute', 30_000, ['17:28:00', '17:28:07', '17:28:15', '17:28:22', '17:28:30']],
  ['an hour', 3_600_000, ['11-29 17:28', '11-29 17:43', '11-29 17:58', '11-29 18:13', '11-29 18:28']],
])('the times below the sum of the results of %s tell one moment from the next', (_, ms, times) => {
  const begin = Date.parse('2026-11-29T17:28:00Z');
  const drawn = curve('sum', [
    [begin, 1],
    [begin + ms, 2],
  ]);
  expect([...drawn.matchAll(/text-anchor="(?:start|middle|end)">([^<]*:[^<]*)</g)].map(([, text]) => text)).toEqual(
    times,
  );
});

test('beside a plot stand some four round values, and zero where the plot holds it', () => {
  expect(ticksOf(0, 10)).toEqual([0, 2.5, 5, 7.5, 10]);
  expect(ticksOf(-3, 7)).toEqual([-2.5, 0, 2.5, 5]);
  expect(ticksOf(-1_204, 396)).toEqual([-1_000, -500, 0]);
  expect([ticksOf(0, 4), ticksOf(0, 30), ticksOf(0, 0)]).toEqual([[0, 1, 2, 3, 4], [0, 10, 20, 30], [0]]);
});

test('of a curve with more points than pixels each column keeps its ends and its extremes, in their order', () => {
  const values = [0, 5, -7, 3, 9, 1, 2, 2, 8, -1, 0, 4];
  const points = values.map((value, i) => [1_000 + i, value] as const);
  expect(thinned(points, 2).map(([at]) => at - 1_000)).toEqual([0, 2, 4, 5, 6, 8, 9, 11]);
  expect(thinned(points, 3)).toBe(points);
});

test('counts are told in whole numbers only, and of many bars so many are named as have room', () => {
  const drawn = countBars(
    'how many',
    Array.from({ length: 24 }, (_, i) => ({ name: `h${i}`, value: i === 3 ? 2 : 0, about: `${i} & more` })),
  );
  const texts = [...drawn.matchAll(/class="tick"[^>]*>([^<]*)</g)].map(([, text]) => text);
  expect(texts).toEqual(['0', '', '1', '', '2', ...Array.from({ length: 8 }, (_, i) => `h${3 * i}`)]);
  const lines = [...drawn.matchAll(/<line class="(\w+)" x1="72" x2="948" y1="([\d.]+)" y2="\2"/g)];
  expect(lines.map(([, kind, y]) => `${kind} ${y}`)).toEqual([
    'zero 194',
    'grid 148.5',
    'grid 103',
    'grid 57.5',
    'grid 12',
  ]);
  expect(drawn).toContain('<text class="tick" x="64" y="107" text-anchor="end">1</text>');
  expect(drawn.match(/<title>3 &amp; more<\/title>/g)).toHaveLength(1);
  expect([...drawn.matchAll(/<rect [^>]*y="([\d.]+)" width="[\d.]+" height="([\d.]+)"/g)][3]?.slice(1)).toEqual([
    '12',
    '182.0',
  ]);
});

// Can the plots of a report be read?
import { expect, test } from 'vitest';
import { curve } from '../../../src/cli/report/svg.ts';

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

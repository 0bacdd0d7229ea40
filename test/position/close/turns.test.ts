// While every path is dead, is each position tried in its turn, and is most of the second left for the path that returns?
import { expect, test } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { Turns } from '../../../src/position/close/turns.ts';

const HOSTS = ['rest-1', 'rest-2'] as const;
const TICK_MS = 100;

/** What leaves when all of them ask at every tick. */
function triedBy(symbols: readonly string[], spanMs: number): { atMs: number; path: string; symbol: string }[] {
  const turns = new Turns();
  const tried = [];
  for (let atMs = 0; atMs < spanMs; atMs += TICK_MS)
    for (const symbol of symbols)
      for (const path of HOSTS) if (turns.take(path, symbol, atMs as Ms)) tried.push({ atMs, path, symbol });
  return tried;
}

test.each([1, 2, 10, 20])('%i positions are tried equally often over each host, whoever asks first', (count) => {
  const symbols = Array.from({ length: count }, (_, i) => `S${i}`);
  const tried = triedBy(symbols, 60_000);
  for (const path of HOSTS) {
    const counts = symbols.map((one) => tried.filter((turn) => turn.symbol === one && turn.path === path).length);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  }
});

test('in no second do more than four of ten orders go where nothing answers', () => {
  const tried = triedBy(['A', 'B', 'C'], 20_000);
  const most = Math.max(...tried.map(({ atMs }) => tried.filter((turn) => Math.abs(turn.atMs - atMs) < 500).length));
  expect(tried.length).toBeGreaterThan(40);
  expect(most).toBeLessThanOrEqual(4);
});

test('a position that was closed meanwhile is waited for by nobody', () => {
  const turns = new Turns();
  expect(turns.take('rest-1', 'A', 0 as Ms)).toBe(true);
  expect(turns.take('rest-1', 'B', 0 as Ms)).toBe(false);
  expect(turns.take('rest-1', 'A', 1_000 as Ms)).toBe(true);
});

// Does a person see how far a long piece of work is, and nothing where there is no terminal?
import { expect, test } from 'vitest';
import { createProgress } from '../../src/cli/progress.ts';
import type { Ms } from '../../src/lib/brand.ts';

const ERASED = '\r\u001b[K';

/** What is written to a terminal, or to a file, so many ms after it has begun. */
function drawn(total: number | undefined, shows: readonly (readonly [ms: number, done: number])[], isTTY = true) {
  const written: string[] = [];
  const begun = 700;
  let now = begun;
  const out = { isTTY, write: (text: string) => written.push(text.replace(ERASED, '')) };
  const progress = createProgress(out, total, { monotonic: () => now as Ms });
  for (const [ms, done] of shows) {
    now = begun + ms;
    progress.show(done, `${done} frames`);
  }
  progress.end();
  return written;
}

test('a bar says what share is done, ten times a second at most, and from the first second on how long the rest takes', () => {
  const shows = [
    [0, 0],
    [99, 40],
    [100, 50],
    [999, 91],
    [1_000, 100],
    [2_000, 120],
    [4_000, 210],
  ] as const;
  expect(drawn(200, shows)).toEqual([
    '░░░░░░░░░░░░░░░░░░░░░░░░ 0 %  0 frames',
    '██████░░░░░░░░░░░░░░░░░░ 25 %  50 frames',
    '███████████░░░░░░░░░░░░░ 45 %  91 frames',
    '██████████████░░░░░░░░░░ 60 %  120 frames  2 s left',
    '████████████████████████ 100 %  210 frames  0 s left',
    '',
  ]);
  expect(drawn(200, [[1_000, 100]])).toEqual(['████████████░░░░░░░░░░░░ 50 %  100 frames  1 s left', '']);
  expect(drawn(200, [[2_000, 0]])[0], 'nobody knows how long').toMatch(/ 0 % {2}0 frames$/);
});

test('where nobody knows how much it will be there is no bar, and of nothing all is done', () => {
  expect(drawn(undefined, [[0, 7]])).toEqual(['7 frames', '']);
  expect(drawn(0, [[0, 0]])[0]).toMatch(/ 100 % {2}0 frames$/);
});

test('in a file stands no bar, and a terminal on which nothing was drawn is left as it was', () => {
  expect(drawn(200, [[0, 50]], false)).toEqual([]);
  expect(drawn(200, [])).toEqual([]);
});

import { expect, test } from 'vitest';
import { analyzerThreads } from '../../src/cli/analyzer-threads.ts';

test('a core is left to main where nothing is asked, and of what is asked no more than two threads to a core are begun', () => {
  expect([1, 2, 8].map((cores) => analyzerThreads('auto', cores))).toEqual([1, 1, 7]);
  expect([1, 3, 4, 64].map((asked) => analyzerThreads(asked, 2))).toEqual([1, 3, 4, 4]);
});

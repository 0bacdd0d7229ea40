// Is it known how far a thread is behind, however much it was handed?
import { expect, test } from 'vitest';
import { underWay } from '../../src/lib/under-way.ts';

test.each([5, 2 ** 31, 2 ** 32, 9 * 2 ** 32 + 1])('of %d messages the last three are under way', (sent) => {
  const done = new Int32Array(new SharedArrayBuffer(4));
  done[0] = sent - 3;
  expect(underWay(sent, done)).toBe(3);
  Atomics.add(done, 0, 3);
  expect(underWay(sent, done)).toBe(0);
});

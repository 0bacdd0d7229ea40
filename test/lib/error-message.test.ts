// An operator must read why something was not reached, also where several addresses were tried.
import { expect, test } from 'vitest';
import { messageOf } from '../../src/lib/error-message.ts';

test.each([
  [new Error('the disk is full'), 'the disk is full'],
  ['the disk is full', 'the disk is full'],
  [
    new AggregateError([new Error('connect ECONNREFUSED ::1:5432'), new Error('connect ECONNREFUSED 127.0.0.1:5432')]),
    'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432',
  ],
  [new AggregateError([new Error('connect ETIMEDOUT')], 'no address answered'), 'no address answered'],
])('of what was thrown, %o, an operator reads what it says', (thrown, text) => {
  expect(messageOf(thrown)).toBe(text);
});

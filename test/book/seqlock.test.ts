// Does a reader on another thread ever see half a message? Never with the seqlock's second look, often without it.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createBooks, GENERATION, SLOT_WORDS } from '../../src/book/layout.ts';
import { createView, READ_RETRIES_MAX, readBook } from '../../src/book/read.ts';
import { beginRead, beginWrite, endRead, endWrite } from '../../src/lib/seqlock.ts';
import type { Slot } from '../../src/market/units.ts';
import type { Campaign } from './seqlock-campaign.ts';

test.each([
  ['ten million copies beside a writer at full speed, a hundred thousand of them retried', 10_000_000, []],
  ['three million copies beside a kernel at full speed, thirty thousand of them retried', 3_000_000, ['--kernel']],
])('B17: %s, and none is torn', { timeout: 600_000 }, async (_, reads, flags) => {
  // In a process of its own: the test runner rewrites imports, which makes a copy ten times slower.
  const campaign = fileURLToPath(new URL('seqlock-campaign.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [campaign, '--reads', String(reads), ...flags]);
  const { checked, unchecked } = JSON.parse(stdout) as { checked: Campaign; unchecked: Campaign };
  expect(checked.accepted).toBeGreaterThanOrEqual(reads);
  expect(checked.retried).toBeGreaterThanOrEqual(reads / 100);
  expect(checked.fresh).toBeGreaterThan(10_000);
  expect(checked.torn).toBe(0);
  expect(unchecked.torn).toBeGreaterThan(0);
});

test('B17: a book that is being written is given up after a bounded number of looks, and can be read again afterwards', () => {
  const books = createBooks(2);
  const view = createView();
  const slot = 1 as Slot;
  beginWrite(books.words, SLOT_WORDS + GENERATION);
  expect(readBook(books, slot, view)).toBe(false);
  expect(view.retries).toBe(READ_RETRIES_MAX);
  expect(readBook(books, 0 as Slot, view)).toBe(true);
  endWrite(books.words, SLOT_WORDS + GENERATION);
  expect(readBook(books, slot, view)).toBe(true);
  expect(view.retries).toBe(READ_RETRIES_MAX);
});

test('a copy counts only if its generation was even and is still the same', () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const before = beginRead(words, 0);
  expect(endRead(words, 0, before)).toBe(true);
  beginWrite(words, 0);
  expect(endRead(words, 0, before)).toBe(false);
  expect(endRead(words, 0, beginRead(words, 0))).toBe(false);
  endWrite(words, 0);
  expect(endRead(words, 0, before)).toBe(false);
  expect(endRead(words, 0, beginRead(words, 0))).toBe(true);
  words[0] = 0x7fffffff; // the counter wraps from odd to even
  endWrite(words, 0);
  expect(endRead(words, 0, beginRead(words, 0))).toBe(true);
});

// Is a copy of a book ever torn while another thread writes it? `node test/book/seqlock-campaign.ts --reads 10000000 [--kernel]`
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { createBooks, type BookMemory } from '../../src/book/layout.ts';
import {
  createView,
  readBook,
  VIEW_EXCHANGE,
  VIEW_RECEIVED,
  VIEW_SEQUENCE,
  VIEW_UPDATE,
  type BookView,
} from '../../src/book/read.ts';
import type { Slot } from '../../src/market/units.ts';
import type { WriterData } from './seqlock-writer.ts';

const SLOTS = 16;

export interface Campaign {
  /** Copies that `readBook` handed out. */
  accepted: number;
  /** Accepted copies for which at least one earlier copy had to be thrown away. */
  retried: number;
  /** Reads given up after the last retry. */
  refused: number;
  /** Accepted copies that contradict themselves. */
  torn: number;
  /** Accepted copies of another message than the copy before: the writer was at work. */
  fresh: number;
}

/** Does a copy contradict itself? Order of prices (I-01), sizes, exact totals, and stamps of one message. */
function isTorn(view: BookView): boolean {
  const { counts, ticks, lots, totals, stamps } = view;
  const u = stamps[VIEW_UPDATE];
  if (stamps[VIEW_SEQUENCE] !== u || stamps[VIEW_EXCHANGE] !== u || stamps[VIEW_RECEIVED] !== u) return true;
  for (let side = 0; side < 2; side++) {
    const sideTicks = ticks[side as 0 | 1];
    const sideLots = lots[side as 0 | 1];
    const count = counts[side] as number;
    const sign = side === 0 ? 1 : -1;
    let total = 0;
    let before = Infinity;
    for (let i = 0; i < count; i++) {
      const key = (sideTicks[i] as number) * sign;
      const lot = sideLots[i] as number;
      if (key >= before || lot <= 0) return true;
      before = key;
      total += (sideTicks[i] as number) * lot;
    }
    if (total !== totals[side]) return true;
  }
  const [bids, asks] = counts as unknown as readonly [number, number];
  return bids > 0 && asks > 0 && (ticks[0][0] as number) >= (ticks[1][0] as number);
}

/** Reads until `reads` copies were accepted and `retriedMin` of them had been retried. */
function read(books: BookMemory, reads: number, retriedMin: number, checked: boolean): Campaign {
  const campaign: Campaign = { accepted: 0, retried: 0, refused: 0, torn: 0, fresh: 0 };
  const view = createView();
  const last = new Float64Array(SLOTS);
  for (let slot = 0; campaign.accepted < reads || campaign.retried < retriedMin; slot = (slot + 1) % SLOTS) {
    const retries = view.retries;
    if (!readBook(books, slot as Slot, view, checked)) {
      campaign.refused++;
      continue;
    }
    campaign.accepted++;
    if (view.retries > retries) campaign.retried++;
    const u = view.stamps[VIEW_UPDATE] as number;
    if (u !== last[slot]) campaign.fresh++;
    last[slot] = u;
    if (isTorn(view)) campaign.torn++;
  }
  return campaign;
}

/** Runs a writer thread beside this one; the seqlock's second look may be left out to see what it is worth. */
async function runCampaign(
  reads: number,
  retriedMin: number,
  uncheckedReads: number,
  program: URL,
): Promise<{ checked: Campaign; unchecked: Campaign }> {
  const books = createBooks(SLOTS);
  const signals = new Int32Array(new SharedArrayBuffer(8));
  const { buffer, kernel } = books;
  const workerData: WriterData = { buffer, kernel, slots: SLOTS, signals: signals.buffer, seed: 7 };
  const worker = new Worker(program, { workerData });
  const ended = new Promise<void>((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
  await Promise.race([Atomics.waitAsync(signals, 0, 0).value, ended]);
  const checked = read(books, reads, retriedMin, true);
  const unchecked = read(books, uncheckedReads, 0, false);
  Atomics.store(signals, 1, 1);
  await ended;
  return { checked, unchecked };
}

const { values } = parseArgs({
  options: { reads: { type: 'string', default: '10000000' }, kernel: { type: 'boolean', default: false } },
});
const program = values.kernel
  ? new URL('seqlock-kernel-writer.ts', import.meta.url)
  : new URL('seqlock-writer.ts', import.meta.url);
const reads = Number(values.reads);
const started = performance.now();
const result = await runCampaign(reads, reads / 100, reads / 10, program);
const seconds = Math.round((performance.now() - started) / 100) / 10;
process.stdout.write(`${JSON.stringify({ ...result, seconds })}\n`);

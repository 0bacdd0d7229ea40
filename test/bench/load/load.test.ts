// Does a load run count every frame, and do its readers of streams, ages and profiles say what is there?
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { AgeHistogram } from '../../../bench/load/ages.ts';
import type { FrameSet } from '../../../bench/frames/frame-set.ts';
import { flamePage } from '../../../bench/load/flame.ts';
import { readProfiles } from '../../../bench/load/profile.ts';
import { GarbageWatch } from '../../../bench/load/garbage.ts';
import { LoadTimes } from '../../../bench/load/load-times.ts';
import { whatBroke } from '../../../bench/load/ramp.ts';
import type { LoadResult } from '../../../bench/load/run.ts';
import { FRAME_BYTES_MAX, loadSymbols, Streams } from '../../../bench/load/streams.ts';
import { talkTo } from '../../../bench/load/talk.ts';
import { isWorker } from '../../../bench/load/threads.ts';
import type { SenderWord } from '../../../bench/load/words.ts';
import { isWhole, missingOf, withRightBooks } from '../../../bench/load/worth.ts';
import { CONNECTION, createOwnCore, createOwnMemory, RECEIVED } from '../../../bench/ours/core.ts';
import { referenceBooks } from '../../../bench/frames/reference-book.ts';
import { runProgram } from '../bench-run.ts';

const MAIN = fileURLToPath(new URL('../../../bench/load/main.ts', import.meta.url));

const REFERENCE = fileURLToPath(new URL('../../../bench/results/reference-load.json', import.meta.url));

const SENDER = fileURLToPath(new URL('../../../bench/load/sender.ts', import.meta.url));

test('every frame that was sent is in its book, and the report says how old the books were and who worked', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'plotnost-load-'));
  try {
    const asked = ['--symbols', '4', '--depth', '50', '--rate', '400', '--seconds', '1'];
    const { code, out, errors } = await runProgram(MAIN, ...asked, '--profile', '--json', folder);
    expect({ code, errors: code === 0 ? '' : errors }).toEqual({ code: 0, errors: '' });
    const told = JSON.parse(out) as LoadResult;
    expect(told.framesSent).toBeGreaterThan(0);
    expect(told).toMatchObject({
      framesApplied: told.framesSent,
      lost: { gaps: 0, dropped: 0, unreadable: 0, unread: 0 },
      fallbacks: 0,
      live: 4,
      bookAgeMs: { p50: expect.any(Number), p99: expect.any(Number), p999: expect.any(Number) },
      eventLoopDelayMs: { p99: expect.any(Number) },
      gcMaxMs: expect.any(Number),
      gcMaxCoreMs: expect.any(Number),
      bytesPerBook: expect.any(Number),
      cpu: { main: expect.any(Number), workers: expect.any(Number) },
    });
    // A book is scanned for its frames: what was scanned before the clock started is not counted.
    expect(told.scans).toBeGreaterThan(0);
    expect(told.scans).toBeLessThanOrEqual(told.framesApplied);
    expect(errors).toMatch(/^main: busy \d+ ms/);
    expect(errors).toMatch(/^worker 1: busy \d+ ms/m);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a load that was spared frames becomes no reference: the one that is there stays as it was', async () => {
  const before = await readFile(REFERENCE, 'utf8');
  const asked = ['--symbols', '1', '--rate', '1000000', '--seconds', '1', '--reference'];
  const { code, errors } = await runProgram(MAIN, ...asked);
  const after = await readFile(REFERENCE, 'utf8');
  if (after !== before) await writeFile(REFERENCE, before);
  const kept = /kept as (\S+)/.exec(errors)?.[1] ?? '';
  if (kept.includes('load-')) await rm(kept);
  expect({ code, isKept: after === before, errors }).toEqual({
    code: 1,
    isKept: true,
    errors: expect.stringMatching(/^the run is not whole and no reference: kept as \S+load-\S+\.json\n$/),
  });
});

test('what cannot be asked for is refused with the list of what can', async () => {
  for (const args of [
    ['--symbols', '0'],
    ['--depth', '51'],
    ['--mode', 'fast'],
    ['--fast'],
    ['folder'],
    ['--ramp', '--keep'],
  ]) {
    const { code, out, errors } = await runProgram(MAIN, ...args);
    expect({ code, out }).toEqual({ code: 64, out: '' });
    expect(errors).toContain('--ramp');
  }
});

test('a stream is valid deltas for ever: after two cycles and a half its book is what its deltas make of its snapshot', () => {
  const symbols = loadSymbols(41);
  const streams = new Streams(50, symbols, 7);
  const room = Buffer.alloc(FRAME_BYTES_MAX);
  for (const index of [0, 40]) {
    const frames = [streams.snapshot(index, 5, 1_786_310_820_000)];
    let update = streams.book(index).update;
    for (let i = 0; i < 200; i++) {
      const end = streams.delta(room, 0, index, 100 + i, 1_786_310_820_000 + i);
      const [first, short] = room;
      expect(first).toBe(0x81);
      const frame = Buffer.from(room.subarray(short === 126 ? 4 : 2, end));
      const { topic, data, cts } = JSON.parse(frame.toString()) as {
        readonly topic: string;
        readonly cts: number;
        readonly data: { readonly u: number; readonly seq: number };
      };
      expect({ topic, cts, ...data }).toMatchObject({
        topic: `orderbook.50.${symbols[index]?.symbol}`,
        cts: 1_786_310_820_000 + i,
        u: ++update,
        seq: 1e14 + 100 + i,
      });
      frames.push(frame);
    }
    const { bids, asks, sequence } = streams.book(index);
    const numbers = (pairs: readonly (readonly [string, string])[]) => pairs.map((pair) => pair.map(Number));
    expect(referenceBooks(frames).get(symbols[index]?.symbol ?? '')).toEqual({
      bids: numbers(bids),
      asks: numbers(asks),
    });
    expect(sequence).toBe(1e14 + 299);
    const end = streams.touch(room, 0, index, 1_786_310_820_000);
    const [best] = bids;
    expect(room.subarray(0, end).toString()).toContain(`"b":[${JSON.stringify(best)}]`);
  }
});

test('ages keep their order over six decades, and a percentile is one percent off at most', () => {
  const ages = new AgeHistogram();
  expect(ages.percentiles()).toEqual({ p50: 0, p99: 0, p999: 0, max: 0 });
  for (let micros = 1; micros <= 100_000; micros++) ages.note(micros);
  const { p50, p99, p999, max } = ages.percentiles();
  expect(max).toBe(100);
  for (const [told, true_] of [
    [p50, 50],
    [p99, 99],
    [p999, 99.9],
  ] as const) {
    expect(told).toBeGreaterThanOrEqual(true_);
    expect(told).toBeLessThanOrEqual(true_ * 1.011);
  }
});

test('a percentile of few ages is one of them, the oldest never more than it was, and what was before the start is forgotten', () => {
  const ages = new AgeHistogram();
  const p50Of = (...micros: readonly number[]): number => {
    ages.reset();
    for (const one of micros) ages.note(one);
    return ages.percentiles().p50 * 1_000;
  };
  const near = (told: number, micros: number): boolean => told >= micros && told <= micros * 1.011;
  expect(near(p50Of(1_000, 3_000, 9_000), 3_000)).toBe(true);
  expect([p50Of(2), p50Of(1_234), p50Of(0)]).toEqual([2, 1_234, 0]);
  expect(p50Of(3e9)).toBeGreaterThan(1.19e9);
  for (let i = 0; i < 997; i++) ages.note(10);
  ages.note(5_000);
  ages.note(5_000);
  const { p99, p999, max } = ages.percentiles();
  expect([p99 < 0.011, near(p999 * 1_000, 5_000), max]).toEqual([true, true, 3e6]);
  ages.reset();
  expect(ages.percentiles()).toEqual({ p50: 0, p99: 0, p999: 0, max: 0 });
});

test('a profile counts only what lies in the measured time, waiting is no work, and its page refers to nowhere', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'plotnost-profile-'));
  try {
    const frame = (functionName: string, url = '', lineNumber = -1) => ({ functionName, url, lineNumber });
    const at = (file: string): string => new URL(`../../../${file}`, import.meta.url).href;
    await writeFile(
      path.join(folder, 'CPU.20260101.000000.42.1.001.cpuprofile'),
      JSON.stringify({
        nodes: [
          { id: 1, callFrame: frame('(root)'), children: [2, 3, 5] },
          { id: 2, callFrame: frame('scan</script>', at('src/a.ts'), 9), children: [4] },
          { id: 3, callFrame: frame('(idle)') },
          { id: 4, callFrame: frame('sleep', at('src/pool/analyzer-loop.ts'), 1) },
          { id: 5, callFrame: frame('start', at('src/b.ts'), 0) },
        ],
        startTime: 1_000_000,
        samples: [5, 2, 4, 2, 3, 2],
        timeDeltas: [0, 10_000, 3_000, 20_000, 2_000, 5_000],
      }),
    );
    const [profile] = readProfiles(folder, { from: 1_010_000, to: 1_060_000 });
    expect(profile).toMatchObject({ thread: 'worker 1', busyMs: 5, idleMs: 25 });
    expect(profile?.hottest[0]).toEqual({ name: 'scan</script>', place: 'src/a.ts:10', ms: 5, share: 1 });
    const page = flamePage('a run', profile === undefined ? [] : [profile]);
    expect(page).toContain('scan\\u003c/script>');
    expect(page).not.toMatch(/https?:|src="|href="|@import/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('what breaks first is named: frames before age, and a sender that is at its end proves nothing', () => {
  const fine = {
    terms: { symbols: 4, rate: 1_000, seconds: 10 },
    framesSent: 10_000,
    framesApplied: 10_000,
    framesWithheld: 0,
    live: 4,
    audits: { equal: 9, wrong: 0 },
    eventsLost: 0,
    bookAgeMs: { p99: 3 },
    cpu: { main: 0.4, workers: 0.2, sender: 0.2 },
    senderLatestMs: 2,
  } as unknown as LoadResult;
  expect(whatBroke(fine)).toBeUndefined();
  expect(whatBroke({ ...fine, bookAgeMs: { ...fine.bookAgeMs, p99: 21 } })).toMatch(
    /^age: .*busiest: main, 0.40 cores; the sender itself was late by up to 2 ms/,
  );
  expect(whatBroke({ ...fine, framesApplied: 9_999, bookAgeMs: { ...fine.bookAgeMs, p99: 21 } })).toMatch(
    /^frames: 1 /,
  );
  expect(whatBroke({ ...fine, audits: { equal: 8, wrong: 1 } })).toBe("books: 1 comparisons with the sender's failed");
  expect(whatBroke({ ...fine, framesWithheld: 1 })).toMatch(
    /^backlog: 1 .*; the sender itself was late by up to 2 ms\)$/,
  );
  expect(whatBroke({ ...fine, eventsLost: 1 })).toMatch(/^events: 1 /);
  expect(whatBroke({ ...fine, bookAgeMs: { ...fine.bookAgeMs, p99: 20.1 } })).toMatch(/^age: p99 20.1 ms/);
  // Busy and on time is no end, and neither is late for want of a core.
  expect(whatBroke({ ...fine, cpu: { ...fine.cpu, sender: 0.99 } })).toBeUndefined();
  expect(whatBroke({ ...fine, senderLatestMs: 2_000 })).toBeUndefined();
  expect(whatBroke({ ...fine, live: 3 })).toBe('books: 3 of 4 are live');
  const late = { ...fine, framesSent: 8_000, framesApplied: 8_000, senderLatestMs: 2_000 };
  expect(whatBroke({ ...late, cpu: { ...fine.cpu, sender: 0.99 } })).toMatch(/^the sender/);
});

test('all that was due when a sender is stopped is accounted for, however late it is, and where nobody listens', async () => {
  const sender = talkTo<SenderWord>(SENDER, { symbols: 1, depth: 50, rate: 1, seed: 7 }, []);
  try {
    await sender.until('ready');
    const stopped = sender.until('stopped');
    // A thousand a microsecond: more than one turn of the sender takes are due before it can be stopped.
    sender.tell({ order: 'start', rate: 1e9 });
    sender.tell({ order: 'stop' });
    const { framesSent, framesWithheld } = await stopped;
    expect(framesSent).toBe(0);
    expect(framesWithheld).toBeGreaterThan(512);
  } finally {
    sender.child.kill();
  }
});

test('a thread that scans is none of those that Node keeps for itself', () => {
  expect(['MainThread', 'WorkerThread', 'V8Worker', 'libuv-worker', 'SignalInspector'].filter(isWorker)).toEqual([
    'WorkerThread',
  ]);
});

test('a load whose books are others than the sender’s, or that was spared frames, is not whole, and shows no figures', () => {
  const fine = {
    terms: { symbols: 4 },
    framesSent: 100,
    framesApplied: 100,
    framesWithheld: 0,
    live: 4,
    audits: { equal: 9, wrong: 0 },
  } as LoadResult;
  expect([isWhole(fine), withRightBooks(fine)]).toEqual([true, fine]);
  const wrong = { ...fine, audits: { equal: 8, wrong: 1 } };
  const spared = { ...fine, framesWithheld: 7 };
  expect([wrong, spared, { ...fine, live: 3 }, { ...fine, framesApplied: 99 }].map(isWhole)).toEqual(
    Array.from({ length: 4 }, () => false),
  );
  expect(() => withRightBooks(wrong)).toThrow('1 comparisons failed');
  expect(missingOf({ framesSent: 100, framesApplied: 98, framesWithheld: 7 })).toBe(9);
});

test('a snapshot behind a frame that was lost stands for no frame: what was sent is not all in the books', () => {
  const [listed] = loadSymbols(1);
  const streams = new Streams(50, loadSymbols(1), 7);
  const set = { grids: listed === undefined ? [] : [listed.grid], depth: 50 } as unknown as FrameSet;
  const { books, tape } = createOwnMemory(set);
  const { ingest } = createOwnCore(set, books, tape);
  const times = new LoadTimes({ symbols: 1, workers: 1 }, new GarbageWatch());
  const room = Buffer.alloc(FRAME_BYTES_MAX);
  const wall = 1_786_310_820_000;
  let due = 0;
  const delta = (): Buffer => {
    const end = streams.delta(room, 0, 0, (due += 100), wall);
    return Buffer.from(room.subarray(room[1] === 126 ? 4 : 2, end));
  };
  const take = (frame: Buffer): string => {
    const outcome = ingest.frame(frame, CONNECTION, RECEIVED);
    if (outcome === 'delta' || outcome === 'snapshot') times.frame(books, ingest.slot, RECEIVED);
    return outcome;
  };
  const outcomes = [take(streams.snapshot(0, due, wall)), take(delta()), take(delta())];
  delta();
  outcomes.push(take(streams.snapshot(0, due, wall)), take(delta()));
  expect(outcomes).toEqual(['snapshot', 'delta', 'delta', 'snapshot', 'delta']);
  expect(times.deltas).toBe(3);
});

test('tickers come beside the books, a tenth of a second apart at least, and count as no frames of a book', async () => {
  const sender = talkTo<SenderWord>(SENDER, { symbols: 1, depth: 50, rate: 1, seed: 7 }, []);
  try {
    const { port } = await sender.until('ready');
    sender.tell({ order: 'start', rate: 1_000 });
    const client = new WebSocket(`ws://127.0.0.1:${port}`);
    const told: { topic?: string; type?: string; ts: number; data?: object }[] = [];
    client.on('message', (data) => told.push(JSON.parse((data as Buffer).toString()) as (typeof told)[number]));
    await new Promise((resolve) => client.once('open', resolve));
    const symbol = loadSymbols(1)[0]?.symbol ?? '';
    client.send(JSON.stringify({ op: 'subscribe', args: [`tickers.${symbol}`, `orderbook.50.${symbol}`] }));
    const of = (topic: string, type: string) => told.filter((one) => one.topic === topic && one.type === type);
    await expect.poll(() => of(`tickers.${symbol}`, 'delta').length, { timeout: 30_000 }).toBeGreaterThan(2);
    const stopped = sender.until('stopped');
    sender.tell({ order: 'stop' });
    const { framesSent } = await stopped;
    await expect.poll(() => of(`orderbook.50.${symbol}`, 'delta').length, { timeout: 30_000 }).toBe(framesSent);
    const tickers = told.filter(({ topic }) => topic === `tickers.${symbol}`);
    expect(tickers[0]).toMatchObject({ type: 'snapshot', data: { symbol, lastPrice: expect.any(String) as string } });
    expect(tickers[1]?.data).toEqual({ symbol, markPrice: expect.any(String) as string });
    const gaps = tickers.slice(1).map(({ ts }, i) => ts - (tickers[i]?.ts ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
    client.close();
  } finally {
    sender.child.kill();
  }
});

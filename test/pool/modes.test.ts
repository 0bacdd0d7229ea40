// Does it matter on which thread a book is scanned? One market through every mode must tell the same.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createBooks, TENANCY } from '../../src/book/layout.ts';
import { Ingest } from '../../src/bybit/frames/ingest.ts';
import type { Depth } from '../../src/bybit/frames/ingest-port.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Slot } from '../../src/market/units.ts';
import type { Analysis, OnEvent, OnNotice } from '../../src/pool/analysis.ts';
import { AutoAnalysis } from '../../src/pool/auto.ts';
import { InlineAnalysis } from '../../src/pool/inline.ts';
import {
  createControl,
  DONE,
  enqueue,
  FAULT_EXIT,
  FAULT_HANG,
  FAULT_KIND,
  FAULT_SLOT,
  IN_WORK,
  QUEUE_HEAD,
  QUEUE_TAIL,
  takeBack,
  wake,
  WAKE,
} from '../../src/pool/control.ts';
import { DEATHS_MAX, PoolAnalysis } from '../../src/pool/pool.ts';
import { eventText, type AnalysisEvent } from '../../src/scan/event.ts';
import { abridge, createLives, PARAMS_AT, SLOT_NUMBERS } from '../../src/scan/layout.ts';
import { writeParams } from '../../src/scan/params.ts';
import type { AnalysisMemory } from '../../src/scan/workspace.ts';
import { createMarket } from '../../src/simulator/market.ts';
import { Chronicle } from '../../src/store/rows/chronicle.ts';
import type { Row } from '../../src/store/rows/rows.ts';
import { createTape } from '../../src/tape/layout.ts';
import { createVirtualClock, type VirtualClock } from '../bybit/virtual-clock.ts';
import { defaultParams } from '../score/simulated-run.ts';

const START = 1_786_310_820_000;

interface Recorded {
  readonly instruments: readonly Instrument[];
  readonly depths: readonly Depth[];
  readonly frames: readonly { readonly bytes: Uint8Array; readonly ms: number }[];
}

function record(): Recorded {
  const market = createMarket({ seed: 3, symbols: 12, startMs: START });
  const frames: { bytes: Uint8Array; ms: number }[] = [];
  const keep = ({ bytes }: { bytes: Uint8Array }) => frames.push({ bytes: Uint8Array.from(bytes), ms: market.nowMs });
  market.onFrame(keep);
  const depths: Depth[] = [];
  const instruments = market.contracts.slice(-8).map(({ listing, profile }) => {
    depths.push(profile.homeDepth as Depth);
    for (const topic of [`orderbook.${profile.homeDepth}`, 'publicTrade', 'tickers'])
      for (const frame of market.subscribe(`${topic}.${listing.symbol}`) ?? []) keep(frame);
    return createInstrument(listing.symbol, listing.tickSize, listing.qtyStep) as Instrument;
  });
  market.advance(START + 40_000);
  return { instruments, depths, frames };
}

type Create = (memory: AnalysisMemory, onEvent: OnEvent, onNotice: OnNotice) => Analysis;

/** Every event as its canonical line, and the notices. `between` is called after every message. */
async function tell(
  { instruments, depths, frames }: Recorded,
  create: Create,
  between: (index: number, analysis: Analysis, slot: Slot) => void | Promise<void> = () => undefined,
) {
  const slots = instruments.length;
  const memory = { books: createBooks(slots), tape: createTape(slots), lives: createLives(slots) };
  const ingest = new Ingest(memory.books, memory.tape);
  const lines: string[] = [];
  const notices: string[] = [];
  const analysis = create(
    memory,
    (event) => lines.push(eventText(event)),
    ({ event, details }) => notices.push(`${event} ${JSON.stringify(details)}`),
  );
  for (const [slot, instrument] of instruments.entries()) {
    ingest.attach(slot as Slot, instrument, depths[slot] as Depth);
    ingest.bind(slot as Slot, 1);
    writeParams(memory.lives.numbers, slot * SLOT_NUMBERS + PARAMS_AT, defaultParams(), instrument);
  }
  let messages = 0;
  for (const { bytes, ms } of frames) {
    const outcome = ingest.frame(bytes, 1, (ms - START) as Ms);
    if (outcome !== 'snapshot' && outcome !== 'delta') continue;
    const slot = ingest.slot as Slot;
    analysis.scan(slot);
    await analysis.settled();
    await between(messages++, analysis, slot);
  }
  await analysis.close();
  return { lines, notices, stats: analysis.stats() };
}

const recorded = record();
const inline = tell(recorded, (memory, onEvent) => new InlineAnalysis(memory, onEvent));

test('the market of this test has births, labels, candidates and signals', async () => {
  const { lines } = await inline;
  const kinds = Object.groupBy(lines, (line) => line.split(' ', 1)[0] as string);
  for (const kind of ['birth', 'state', 'erosion', 'label', 'candidate', 'signal'])
    expect(kinds[kind]?.length ?? 0, kind).toBeGreaterThan(0);
  expect(kinds['birth']).toHaveLength(kinds['label']?.length ?? 0);
});

test('an account that is abridged has all that becomes a row, and less than half of the rest', async () => {
  const account = async (prepare: (memory: AnalysisMemory) => void): Promise<{ rows: Row[]; told: number }> => {
    const rows: Row[] = [];
    const session = { sessionId: 's', environment: 'simulator', mode: 'live', version: '', node: '', config: {} };
    const chronicle = new Chronicle(session, createVirtualClock(), (batch) => void rows.push(...batch));
    let told = 0;
    await tell(recorded, (memory) => {
      prepare(memory);
      return new InlineAnalysis(memory, (event) => {
        told++;
        const instrument = recorded.instruments[event.slot] as Instrument;
        const isJudged = event.kind === 'candidate' || event.kind === 'signal';
        // When it was scanned is of this machine.
        if (isJudged) chronicle.signal({ ...event, stamp: 0 }, instrument, defaultParams());
        else chronicle.density(event, instrument, defaultParams());
      });
    });
    return { rows, told };
  };
  const whole = await account(() => undefined);
  const abridged = await account(({ lives }) => abridge(lives));
  expect(new Set(whole.rows.map(({ table }) => table))).toEqual(new Set(['densities', 'signals']));
  expect(abridged.rows).toEqual(whole.rows);
  expect(abridged.told - whole.rows.length).toBeLessThan((whole.told - whole.rows.length) / 2);
});

test.each([1, 2, 3])(
  'a pool of %i tells what main would, also of messages that are handed over twice',
  async (workers) => {
    const clock = createVirtualClock(); // a busy machine may stop a thread for a quarter of a second: nobody is to be blamed here
    const pool = await tell(
      recorded,
      (memory, onEvent, onNotice) => new PoolAnalysis(memory, { workers, spin: false, clock }, onEvent, onNotice),
      async (_index, analysis, slot) => {
        analysis.scan(slot);
        await analysis.settled();
      },
    );
    const { lines, stats } = await inline;
    expect(pool.lines).toEqual(lines);
    expect(pool.stats).toMatchObject({ mode: 'pool', scans: stats.scans, eventsLost: 0, takeovers: 0, excluded: [] });
  },
);

test('threads that were told to end leave nothing to wait for, or the process would stand for a second longer', async () => {
  const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
  const clock = createVirtualClock();
  const onNothing = () => undefined;
  const pool = new PoolAnalysis(memory, { workers: 1, spin: false, clock }, onNothing, onNothing);
  await pool.close();
  expect(clock.waiting()).toBe(0);
});

/** Two seconds of as many scans as take more than 45 % of any core. */
async function overload(analysis: Analysis, slot: Slot, clock: VirtualClock): Promise<void> {
  for (let second = 0; second < 2; second++) {
    for (let scan = 0; scan < 200_000; scan++) analysis.scan(slot);
    await clock.advance(1_000);
  }
}

test('auto moves to the pool under load and back when it is gone, one notice each, and tells the same', async () => {
  const clock = createVirtualClock();
  const modes: string[] = [];
  const auto = await tell(
    recorded,
    (memory, onEvent, onNotice) => new AutoAnalysis(memory, { workers: 2, spin: false, clock }, onEvent, onNotice),
    async (index, analysis, slot) => {
      if (index === 1_000) {
        await overload(analysis, slot, clock);
        modes.push(analysis.stats().mode);
      }
      if (index === 2_000) await clock.advance(9_000);
      if (index !== 2_500) return;
      modes.push(analysis.stats().mode);
      await clock.advance(12_000);
    },
  );
  expect(auto.lines).toEqual((await inline).lines);
  expect(auto.notices.map((notice) => /"mode":"(\w+)"/.exec(notice)?.[1])).toEqual(['pool', 'inline']);
  expect([...modes, auto.stats.mode]).toEqual(['pool', 'pool', 'inline']);
});

test('what a thread has told goes before what main sees next, also at the message with which auto returns', async () => {
  let events = 0;
  const upTo: number[] = []; // events told up to each message
  await tell(
    recorded,
    (memory) => new InlineAnalysis(memory, () => void events++),
    (index) => void (upTo[index] = events),
  );
  const tells = (index: number): boolean => (upTo[index] as number) > (upTo[index - 1] as number);
  const last = upTo.findIndex((_, index) => index > 1_000 && tells(index) && tells(index + 1));
  expect(last).toBeGreaterThan(1_000);

  const clock = createVirtualClock();
  const flush = vi.spyOn(PoolAnalysis.prototype, 'flush');
  const settled = vi.spyOn(AutoAnalysis.prototype, 'settled').mockResolvedValue();
  const auto = await tell(
    recorded,
    (memory, onEvent, onNotice) => new AutoAnalysis(memory, { workers: 1, spin: false, clock }, onEvent, onNotice),
    async (index, analysis, slot) => {
      analysis.flush();
      const pool = flush.mock.contexts[0] as PoolAnalysis;
      if (index === 1_000) await overload(analysis, slot, clock);
      if (index < last) await pool.settled();
      if (index !== last) return;
      // No turn of the loop from here to the next message: what the thread tells lies unread.
      while (!pool.isIdle());
      for (let look = 0; look < 10; look++) void clock.stall(1_000);
    },
  );
  settled.mockRestore();
  expect(auto.notices.map((notice) => /"mode":"(\w+)"/.exec(notice)?.[1])).toEqual(['pool', 'inline']);
  expect(auto.lines).toEqual((await inline).lines);
});

test('auto stays with the threads where one was lost, also while it was about to return, and never looks at a book beside them', async () => {
  const clock = createVirtualClock();
  const settled = vi.spyOn(PoolAnalysis.prototype, 'settled');
  const wordsOf = (slot: Slot) => (settled.mock.contexts[0] as PoolAnalysis).controlOf(slot).words;
  const { promise: lost, resolve: hear } = Promise.withResolvers<void>();
  const modes: string[] = [];
  const auto = await tell(
    recorded,
    (memory, onEvent, onNotice) =>
      new AutoAnalysis(memory, { workers: 1, spin: false, clock, hungMs: 12_000 as Ms }, onEvent, (notice) => {
        onNotice(notice);
        if (notice.event !== 'analysis.takeover') return;
        wordsOf(0 as Slot)[FAULT_SLOT] = 0;
        hear();
      }),
    async (index, analysis, slot) => {
      if (index !== 1_000) return;
      await overload(analysis, slot, clock);
      analysis.scan(slot);
      await analysis.settled(); // the thread is at work, however long it took to begin
      const words = wordsOf(slot);
      words[FAULT_KIND] = FAULT_HANG;
      words[FAULT_SLOT] = slot + 1;
      const woken = words[WAKE] as number;
      analysis.scan(slot);
      analysis.flush();
      expect(words[WAKE]).toBe(woken + 1);
      await clock.advance(11_000);
      analysis.scan(slot);
      modes.push(analysis.stats().mode);
      await clock.advance(3_900); // it is ended, and the load has not been looked at since
      await lost;
    },
  );
  expect(auto.lines).toEqual((await inline).lines);
  expect([...modes, auto.stats.mode]).toEqual(['pool', 'pool']);
  expect(auto.stats.takeovers).toBe(1);
});

/** Main gives up waiting for threads that are all dead; on a busy machine the next one may take longer to begin. */
async function caughtUp(pool: PoolAnalysis): Promise<void> {
  do await pool.settled();
  while (!pool.isIdle());
}

test('a pool whose only thread has died is down until another one is at its loop', async () => {
  const clock = createVirtualClock();
  const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
  const { promise: died, resolve } = Promise.withResolvers<boolean>();
  const pool = new PoolAnalysis(
    memory,
    { workers: 1, spin: false, clock },
    () => undefined,
    () => {
      pool.controlOf(0 as Slot).words[FAULT_SLOT] = 0;
      resolve(pool.stats().isDown);
    },
  );
  const isDownAtFirst = pool.stats().isDown;
  const { words } = pool.controlOf(0 as Slot);
  words[FAULT_KIND] = FAULT_EXIT;
  words[FAULT_SLOT] = 1;
  pool.scan(0 as Slot);
  pool.flush();
  const isDown = await died;
  await caughtUp(pool);
  expect([isDownAtFirst, isDown, pool.stats().isDown]).toEqual([false, true, false]);
  expect(pool.stats().scans, 'what was in work is looked at by the next one').toBe(1);
  await pool.close();
});

test('A02: who has nothing to do, or finishes one scan after another, does not hang; who finishes none for a quarter of a second does', async () => {
  const clock = createVirtualClock();
  const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
  const { promise: died, resolve: hear } = Promise.withResolvers<void>();
  const pool = new PoolAnalysis(memory, { workers: 1, spin: false, clock }, () => undefined, hear as () => void);
  const { words } = pool.controlOf(0 as Slot);
  pool.scan(0 as Slot);
  await pool.settled();
  await clock.advance(2_000);
  words[FAULT_KIND] = FAULT_HANG;
  words[FAULT_SLOT] = 1;
  pool.scan(0 as Slot);
  pool.flush();
  await expect.poll(() => words[IN_WORK]).toBe(1);
  for (let scans = 1; scans <= 20; scans++) {
    words[DONE] = -scans; // as if others were being finished
    await clock.advance(50);
  }
  await clock.advance(250);
  expect(pool.takeovers).toBe(0);
  words[FAULT_SLOT] = 0;
  await clock.advance(50);
  await died;
  expect(pool.takeovers).toBe(1);
  await pool.close();
});

test('A02: a thread that hangs has ended before another takes its books over: until then it could wake up and write on', async () => {
  const clock = createVirtualClock();
  const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
  let ended = 0;
  const watch = (thread: Worker): void => void thread.once('exit', () => ended++);
  process.on('worker', watch);
  const { promise: takenOver, resolve: take } = Promise.withResolvers<number>();
  const pool = new PoolAnalysis(
    memory,
    { workers: 1, spin: false, clock },
    () => undefined,
    () => take(ended),
  );
  const { words } = pool.controlOf(0 as Slot);
  words[FAULT_KIND] = FAULT_HANG;
  words[FAULT_SLOT] = 1;
  pool.scan(0 as Slot);
  pool.flush();
  await expect.poll(() => words[IN_WORK]).toBe(1);
  words[FAULT_SLOT] = 0;
  await clock.advance(1_000);
  expect(await takenOver).toBe(1);
  process.off('worker', watch);
  await caughtUp(pool);
  expect([pool.takeovers, pool.stats().scans]).toEqual([1, 1]);
  await pool.close();
});

test('threads that cannot even begin end nobody: it is told and tried again with pauses, and one that can looks at what waited', () => {
  const child = fileURLToPath(new URL('unborn-child.ts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(
    'bash',
    ['-c', 'ulimit -n 100; exec "$@"', 'bash', process.execPath, child],
    { encoding: 'utf8' },
  );
  expect([status, stderr]).toEqual([0, '']);
  const { before, ...told } = JSON.parse(stdout) as { readonly before: number };
  expect(told).toEqual({ isDown: true, scans: 1, isStillDown: false, events: ['analysis.takeover'] });
  expect(before).toBeLessThanOrEqual(3);
});

test('A01: threads that end before they have begun are tried again once a second, and not as fast as they end', async () => {
  const clock = createVirtualClock();
  // Their memory is not what they take it for.
  const lives = { ...createLives(1), buffer: new SharedArrayBuffer(8) };
  const memory = { books: createBooks(1), tape: createTape(1), lives };
  const start = () => {
    let hear = (): void => undefined;
    const pool = new PoolAnalysis(
      memory,
      { workers: 1, spin: false, clock },
      () => undefined,
      () => hear(),
    );
    return { pool, death: () => new Promise<void>((resolve) => (hear = resolve)) };
  };
  const one = start();
  await one.death();
  await clock.advance(900);
  const other = start();
  await other.death(); // by then a thread that had been begun again would have ended as well
  expect(one.pool.takeovers).toBe(1);
  const again = one.death();
  await clock.advance(100);
  await again;
  expect([one.pool.takeovers, other.pool.takeovers]).toEqual([2, 1]);
  await Promise.all([one.pool.stop(), other.pool.stop()]);
});

test('A03: a thread that takes too much memory ends alone, and is replaced as any other that dies', () => {
  const child = fileURLToPath(new URL('hungry-child.ts', import.meta.url));
  const args = ['--import', child, child];
  const { status, stdout } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 60_000 });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    event: 'analysis.takeover',
    error: expect.stringContaining('ERR_WORKER_OUT_OF_MEMORY') as string,
  });
});

test('a thread goes on over its 2^31st scan, and how many there were stays a count that only grows', async () => {
  const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
  const pool = new PoolAnalysis(
    memory,
    { workers: 1, spin: false, clock: createVirtualClock() },
    () => undefined,
    () => undefined,
  );
  const { words } = pool.controlOf(0 as Slot);
  for (const word of [DONE, QUEUE_HEAD, QUEUE_TAIL]) words[word] = 2 ** 31 - 3;
  const counts: number[] = [];
  for (let scan = 0; scan < 6; scan++) {
    pool.scan(0 as Slot);
    await pool.settled();
    counts.push(pool.stats().scans);
  }
  await pool.close();
  expect(words[DONE]).toBeLessThan(0);
  expect(counts).toEqual([1, 2, 3, 4, 5, 6]);
});

test('books that wait for a thread that dies wait for the next one, each once and in its turn', () => {
  const step = fc.record({ what: fc.constantFrom('changes', 'changes', 'is scanned', 'kills'), slot: fc.nat(4) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const control = createControl(5);
      const dirty = new Int32Array(new SharedArrayBuffer(5 * 4));
      const { words, queue, capacity } = control;
      for (const word of [DONE, QUEUE_HEAD, QUEUE_TAIL]) words[word] = 2 ** 31 - 3;
      const count = (word: number): number => (words[word] = ((words[word] as number) + 1) | 0);
      let waiting: number[] = [];
      const change = (slot: number): void => {
        const isNews = !waiting.includes(slot);
        if (isNews) waiting.push(slot);
        expect(enqueue(control, dirty, slot)).toBe(isNews);
      };
      for (const { what, slot } of steps) {
        if (what === 'changes') {
          change(slot);
          continue;
        }
        const inWork = waiting.shift() ?? -1;
        words[IN_WORK] = inWork + 1;
        if (inWork >= 0) {
          count(QUEUE_TAIL);
          dirty[inWork] = 0;
        }
        if (what === 'kills') {
          change(slot); // while it is scanned, maybe the very same
          takeBack(control, dirty, inWork);
          waiting = waiting.filter((one) => one !== inWork);
          if (inWork >= 0) change(inWork);
        } else if (inWork >= 0) {
          words[IN_WORK] = 0;
          count(DONE);
        }
        const [tail, head] = [words[QUEUE_TAIL] as number, words[QUEUE_HEAD] as number];
        const queued = Array.from({ length: (head - tail) | 0 }, (_, i) => queue[(tail + i) & (capacity - 1)]);
        expect({ queued, done: words[DONE], inWork: words[IN_WORK] }).toEqual({
          queued: waiting,
          done: tail,
          inWork: 0,
        });
      }
    }),
  );
});

test('three threads that die with the same book in work take it out of analysis, but not where hours or another symbol lie between', async () => {
  const clock = createVirtualClock();
  const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1) };
  let hear = (): void => undefined;
  let told = 0;
  const pool = new PoolAnalysis(
    memory,
    { workers: 1, spin: false, clock },
    () => undefined,
    ({ event }) => {
      if (event === 'analysis.excluded') told++;
      if (event !== 'analysis.takeover') return;
      pool.controlOf(0 as Slot).words[FAULT_SLOT] = 0;
      hear();
    },
  );
  const excluded: number[] = [];
  const deaths = [
    [0, 1],
    [0, 1],
    [0, 2],
    [2, 2],
    [2, 2],
    [0.15, 2],
    [0.15, 2],
  ] as const;
  for (const [hoursLater, tenancy] of deaths) {
    await clock.stall(hoursLater * 3_600_000);
    memory.books.words[TENANCY] = tenancy;
    const { words } = pool.controlOf(0 as Slot);
    const died = new Promise<void>((resolve) => (hear = resolve));
    words[FAULT_KIND] = FAULT_EXIT;
    words[FAULT_SLOT] = 1;
    pool.scan(0 as Slot);
    pool.flush();
    await died;
    await caughtUp(pool);
    excluded.push(told);
  }
  expect(excluded).toEqual([0, 0, 0, 0, 0, 0, 1]);
  expect(pool.stats().excluded).toEqual([0]);
  const { scans } = pool.stats();
  for (const tenancy of [2, 3]) {
    memory.books.words[TENANCY] = tenancy;
    pool.scan(0 as Slot);
    await caughtUp(pool);
  }
  expect([pool.stats().excluded, pool.stats().scans - scans], 'whoever comes next is looked at').toEqual([[], 1]);
  await pool.close();
});

test('what a thread told before it died is heard before its book is given up: no density ends that was not born', async () => {
  const births: [index: number, slot: number][] = [];
  let told: string[] = [];
  await tell(
    recorded,
    (memory) => new InlineAnalysis(memory, ({ kind }) => told.push(kind)),
    (index, _, slot) => {
      if (told.includes('birth')) births.push([index, slot]);
      told = [];
    },
  );
  const [last, slot] = births.find(([index]) => index > 1_000) as [number, Slot];
  const clock = createVirtualClock();
  const settled = vi.spyOn(PoolAnalysis.prototype, 'settled');
  let hear = (): void => undefined;
  const { lines, stats } = await tell(
    recorded,
    (memory, onEvent, onNotice) =>
      new PoolAnalysis(memory, { workers: 1, spin: false, clock }, onEvent, (notice) => {
        onNotice(notice);
        hear();
      }),
    async (index, analysis) => {
      const pool = analysis as PoolAnalysis;
      const control = pool.controlOf(slot);
      const die = async (): Promise<void> => {
        const died = new Promise<void>((resolve) => (hear = resolve));
        control.words[FAULT_KIND] = FAULT_EXIT;
        control.words[FAULT_SLOT] = slot + 1;
        pool.scan(slot);
        wake(control);
        await died;
        control.words[FAULT_SLOT] = 0;
      };
      if (index === 1_000) for (let death = 1; death < DEATHS_MAX; death++) await die().then(() => pool.settled());
      if (index === last - 1) settled.mockResolvedValue();
      if (index !== last) return;
      pool.flush();
      while (!pool.isIdle()); // no turn of the loop: what it tells lies unread
      settled.mockRestore();
      await die();
    },
  );
  expect(stats.excluded).toEqual([slot]);
  const living = new Set<string>();
  const unborn = lines.filter((line) => {
    const [kind, place, , , life] = line.split(' ');
    if (kind === 'birth') living.add(`${place} ${life}`);
    return kind === 'label' && !living.delete(`${place} ${life}`);
  });
  expect([unborn, [...living]]).toEqual([[], []]);
  // Nobody looks there any more, and what stood there has ended with that.
  expect(lines.findLast((line) => line.startsWith(`label ${slot} `))).toContain(' unknown ');
});

test('a signal is heard while its thread is long at work on another book, though main has no frame with which to ask', async () => {
  const signals: { readonly index: number; readonly slot: Slot }[] = [];
  let isTold = false;
  await tell(
    recorded,
    (memory) => new InlineAnalysis(memory, ({ kind }) => void (isTold ||= kind === 'signal')),
    (index, _, slot) => {
      if (isTold) signals.push({ index, slot });
      isTold = false;
    },
  );
  const [{ index: first, slot }] = signals as [{ index: number; slot: Slot }];
  const other = (slot === 0 ? 1 : 0) as Slot;
  const settled = vi.spyOn(PoolAnalysis.prototype, 'settled');
  const heard = Promise.withResolvers<void>();
  const pool = await tell(
    recorded,
    (memory, onEvent, onNotice) => {
      const hear = (event: AnalysisEvent): void => {
        onEvent(event);
        if (event.kind === 'signal') heard.resolve();
      };
      return new PoolAnalysis(memory, { workers: 1, spin: false, clock: createVirtualClock() }, hear, onNotice);
    },
    (index, analysis) => {
      if (index !== first - 1) return;
      const { words } = (analysis as PoolAnalysis).controlOf(slot);
      words[FAULT_KIND] = FAULT_HANG;
      words[FAULT_SLOT] = other + 1;
      settled.mockImplementationOnce(async () => {
        analysis.scan(other);
        analysis.flush();
        await heard.promise;
        words[FAULT_SLOT] = 0;
        words[FAULT_KIND] = 0;
        Atomics.notify(words, FAULT_KIND);
        await analysis.settled();
      });
    },
  );
  settled.mockRestore();
  expect(pool.lines).toEqual((await inline).lines);
});

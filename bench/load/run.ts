// How does one load run go? Sender and engine in processes of their own; once all books are live the clock starts.
import { fileURLToPath } from 'node:url';
import { daemonFlags } from '../measure/processes.ts';
import type { GarbageSeen } from './garbage.ts';
import { talkTo, type Talk } from './talk.ts';
import { isWorker, type ThreadTime } from './threads.ts';
import type { EngineJob, EngineWord, LoadMode, LoadWindow, SenderJob, SenderWord } from './words.ts';

const SENDER = fileURLToPath(new URL('./sender.ts', import.meta.url));
const ENGINE = fileURLToPath(new URL('./engine.ts', import.meta.url));
/** Under load before the clock starts: programs are compiled, arenas touched. */
const WARM_UP_SECONDS_MAX = 3;
/** What is still under way when the sender has stopped must come within this time. */
const DRAIN_MS = 5_000;
const DRAIN_LOOK_MS = 50;

export interface LoadTerms {
  readonly symbols: number;
  readonly depth: number;
  readonly rate: number;
  readonly seconds: number;
  readonly mode: LoadMode;
  readonly workers: number;
  readonly seed: number;
}

export interface LoadResult extends GarbageSeen {
  readonly terms: LoadTerms;
  /** When it was loaded, on the machine's monotonic clock. */
  readonly loadedMicros: { readonly from: number; readonly to: number };
  readonly framesSent: number;
  readonly framesApplied: number;
  /** Frames that are in no book, by what became of them; `unread` never reached the engine's hands. */
  readonly lost: Readonly<Record<'gaps' | 'dropped' | 'unreadable' | 'unread', number>>;
  /** Never sent, for the engine was too far behind, or did not listen. */
  readonly framesWithheld: number;
  readonly framesPerSecond: number;
  /** Sent and not yet applied when the sender stopped, and how long it took until nothing was left. */
  readonly backlogFrames: number;
  readonly drainMs: number;
  readonly bookAgeMs: LoadWindow['bookAgeMs'];
  readonly eventLoopDelayMs: LoadWindow['eventLoopDelayMs'];
  readonly bytesPerBook: number;
  readonly bytesReservedPerBook: number;
  /** Cores in use: 1 is one core all the time. `others` collect garbage and compile for all of them. */
  readonly cpu: { readonly main: number; readonly workers: number; readonly others: number; readonly sender: number };
  readonly threads: readonly (ThreadTime & { readonly cores: number })[];
  readonly mainMicrosPerFrame: number;
  readonly scans: number;
  /** By how much the sender itself was late at most: its lateness is in the ages. */
  readonly senderLatestMs: number;
  readonly live: number;
  readonly resyncs: number;
  readonly fallbacks: number;
  readonly audits: LoadWindow['audits'];
  readonly eventsLost: number;
  /** Warnings and errors of the engine, by name. */
  readonly said: Readonly<Record<string, number>>;
}

export interface Load {
  readonly engine: Talk<EngineWord>;
  readonly sender: Talk<SenderWord>;
  readonly said: Record<string, number>;
  readonly terms: LoadTerms;
}

export const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export async function look(engine: Talk<EngineWord>, order: 'look' | 'collect' = 'look'): Promise<LoadWindow> {
  const seen = engine.until('window');
  engine.tell({ order });
  return (await seen).window;
}

/** Opens both processes, lets them run warm, hands them over, and ends both whatever happens. */
export async function withLoad<Result>(
  terms: LoadTerms,
  flags: readonly string[],
  use: (load: Load) => Promise<Result>,
): Promise<Result> {
  const { symbols, depth, rate, mode, workers, seed } = terms;
  const said: Record<string, number> = {};
  const senderJob: SenderJob = { symbols, depth, rate, seed };
  const sender = talkTo<SenderWord>(SENDER, senderJob, []);
  let engine: Talk<EngineWord> | undefined;
  try {
    const { port } = await sender.until('ready');
    const job: EngineJob = { port, symbols, depth, mode, workers, seed };
    engine = talkTo<EngineWord>(ENGINE, job, [...daemonFlags(), ...flags], (word) => {
      if (word.word === 'said') said[word.event] = (said[word.event] ?? 0) + 1;
    });
    await engine.until('live');
    await pause(Math.min(terms.seconds, WARM_UP_SECONDS_MAX) * 1_000);
    await stopSending(sender);
    await drained(engine, undefined);
    const result = await use({ engine, sender, said, terms });
    const ended = engine.ended;
    engine.tell({ order: 'end' });
    await ended;
    return result;
  } finally {
    sender.child.kill();
    engine?.child.kill();
  }
}

type Stopped = Extract<SenderWord, { readonly word: 'stopped' }>;

function stopSending(sender: Talk<SenderWord>): Promise<Stopped> {
  const stopped = sender.until('stopped');
  sender.tell({ order: 'stop' });
  return stopped;
}

const counted = ({ frames: { applied, gaps, dropped, unreadable } }: LoadWindow): number =>
  applied + gaps + dropped + unreadable;

/** Until everything sent is accounted for, or nothing more comes. */
async function drained(engine: Talk<EngineWord>, sent: number | undefined): Promise<{ seen: LoadWindow; ms: number }> {
  const begun = performance.now();
  let seen = await look(engine);
  for (;;) {
    const before = counted(seen);
    if (sent !== undefined && before >= sent) return { seen, ms: performance.now() - begun };
    await pause(DRAIN_LOOK_MS);
    seen = await look(engine);
    const still = counted(seen) === before;
    if (still && (sent === undefined || performance.now() - begun > DRAIN_MS)) {
      return { seen, ms: performance.now() - begun };
    }
  }
}

/** One measured stretch of `seconds` at `rate`. */
export async function measure({ engine, sender, said, terms }: Load): Promise<LoadResult> {
  for (const event of Object.keys(said)) delete said[event];
  engine.tell({ order: 'begin' });
  sender.tell({ order: 'start', rate: terms.rate });
  await pause(terms.seconds * 1_000);
  const stopped = await stopSending(sender);
  const loaded = await look(engine);
  const { seen, ms } = await drained(engine, stopped.framesSent);
  return resultOf({ terms, stopped, loaded, seen, drainMs: ms, said: { ...said } });
}

export function runLoad(terms: LoadTerms, flags: readonly string[] = []): Promise<LoadResult> {
  return withLoad(terms, flags, measure);
}

interface Measured {
  readonly terms: LoadTerms;
  readonly stopped: Stopped;
  /** As the sender stopped, and once nothing was under way any more. */
  readonly loaded: LoadWindow;
  readonly seen: LoadWindow;
  readonly drainMs: number;
  readonly said: Readonly<Record<string, number>>;
}

function resultOf({ terms, stopped, loaded, seen, drainMs, said }: Measured): LoadResult {
  const { applied, gaps, dropped, unreadable, fallbacks } = seen.frames;
  const cores = (threads: readonly ThreadTime[]): number =>
    threads.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0) / loaded.seconds;
  const main = loaded.threads.filter(({ name }) => name === 'main');
  const workers = loaded.threads.filter(({ name }) => isWorker(name));
  return {
    terms,
    loadedMicros: { from: loaded.begunMicros, to: loaded.begunMicros + loaded.seconds * 1e6 },
    framesSent: stopped.framesSent,
    framesApplied: applied,
    lost: { gaps, dropped, unreadable, unread: stopped.framesSent - counted(seen) },
    framesWithheld: stopped.framesWithheld,
    framesPerSecond: Math.round(loaded.frames.applied / loaded.seconds),
    backlogFrames: Math.max(0, stopped.framesSent - counted(loaded)),
    drainMs: Math.round(drainMs),
    bookAgeMs: seen.bookAgeMs,
    eventLoopDelayMs: seen.eventLoopDelayMs,
    gcMaxMs: seen.gcMaxMs,
    gcP99Ms: seen.gcP99Ms,
    gcMs: seen.gcMs,
    collections: seen.collections,
    longCollections: seen.longCollections,
    gcMaxCoreMs: seen.gcMaxCoreMs,
    bytesPerBook: seen.memory.residentPerBook,
    bytesReservedPerBook: seen.memory.reservedPerBook,
    cpu: {
      main: cores(main),
      workers: cores(workers),
      others: cores(loaded.threads) - cores(main) - cores(workers),
      sender: stopped.cpuSeconds / loaded.seconds,
    },
    threads: loaded.threads.map((thread) => ({ ...thread, cores: thread.cpuSeconds / loaded.seconds })),
    mainMicrosPerFrame: (cores(main) * loaded.seconds * 1e6) / Math.max(1, loaded.frames.applied),
    scans: seen.scans,
    senderLatestMs: stopped.latestMs,
    live: seen.live,
    resyncs: seen.resyncs,
    fallbacks,
    audits: seen.audits,
    eventsLost: seen.eventsLost,
    said,
  };
}

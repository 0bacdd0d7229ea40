// What happens in one run of the path bench? Frames arrive at their intended times; each waits for its result.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import type { Ms } from '../../src/lib/brand.ts';
import { inlineConstants } from '../../src/lib/literals.ts';
import { digestLevels, readFrameSet } from '../frames/frame-set.ts';
import type { FrameSet, Levels } from '../frames/frame-set.ts';
import { createEmpty } from './engine.ts';
import type { PathEngine, PathMode } from './engine.ts';
import type { SenderJob } from './sender.ts';
import { Probe, RECEIVED } from './probe.ts';
import type { Answers } from './probe.ts';
import { checkBooks, expectedDigests } from '../frames/reference-book.ts';
import { intendedMicros, machineMicros, nowMicros } from '../measure/schedule.ts';
import type { Schedule } from '../measure/schedule.ts';

export interface PathJob {
  readonly mode: PathMode;
  /** Over a loopback socket from a process of its own, or handed over in this one. */
  readonly wire: boolean;
  readonly frames: string;
  /** Frames sent as fast as they are taken, and then those of the schedule's beginning, which are not counted. */
  readonly warmUp: number;
  readonly lead: number;
  readonly schedule: Schedule;
}

export interface PathFigures extends Answers {
  readonly scans: number;
  readonly note: string;
}

const SENDER = fileURLToPath(new URL('./sender.ts', import.meta.url));
const START_DELAY_MICROS = 50_000;
/** A turn of a loop that never sleeps leaves garbage: it turns no more often than timers and promises need. */
const TURN_MICROS = 200;
/** After the last frame was due: whose result has not come by then counts as lost. */
const GIVE_UP_MICROS = 15_000_000;

async function createEngine({ mode, wire }: PathJob, set: FrameSet, probe: Probe): Promise<PathEngine> {
  switch (mode) {
    case 'empty':
      return createEmpty(probe);
    case 'sleeper':
      return (await import('./sleeper.ts')).createSleeper(probe);
    case 'inline':
      return (await import('./inline.ts')).createInline(set, probe);
    case 'pool':
    case 'auto':
      return (await import('./pool.ts')).createPool(set, probe, mode, wire);
    case 'conventional':
    case 'conventional-newest':
      return (await import('./conventional.ts')).createConventional(set, probe, mode === 'conventional-newest');
  }
}

const now = (): Ms => performance.now() as Ms;

/** Frames of this process's own loop. It does not sleep, so that it hands over on time. */
async function handOver(job: PathJob, set: FrameSet, probe: Probe, engine: PathEngine): Promise<number> {
  const times = intendedMicros(job.schedule);
  for (const frame of set.snapshots) engine.frame(frame, undefined, now());
  for (const frame of set.deltas.slice(0, job.warmUp)) {
    engine.frame(frame, undefined, now());
    engine.turn();
    await engine.settled();
  }
  const start = nowMicros() + START_DELAY_MICROS;
  const end = start + (times.at(-1) as number) + GIVE_UP_MICROS;
  await new Promise<void>((resolve) => {
    let next = 0;
    const turn = (): void => {
      const until = nowMicros() + TURN_MICROS;
      do {
        while (next < times.length && start + (times[next] as number) <= nowMicros()) {
          const received = now();
          if (next === job.lead) engine.begin();
          probe.pass(RECEIVED, next, machineMicros(received));
          engine.frame(set.deltas[job.warmUp + next] as Buffer, next, received);
          next++;
        }
        engine.turn();
      } while (nowMicros() < until);
      if (probe.answered === probe.frames || nowMicros() > end) resolve();
      else setImmediate(turn);
    };
    turn();
  });
  return start;
}

/** Frames from the sender's socket: the loop sleeps between them, as in service. */
async function overWire(job: PathJob, set: FrameSet, probe: Probe, engine: PathEngine): Promise<number> {
  const times = intendedMicros(job.schedule);
  let start = 0;
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  probe.onAllAnswered = finish;
  const senderJob: SenderJob = { frames: job.frames, warmUp: job.warmUp, schedule: job.schedule };
  const sender = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', SENDER, JSON.stringify(senderJob)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => sender.on('exit', () => resolve()));
  const port = await new Promise<string>((resolve, reject) => {
    createInterface({ input: sender.stdout }).once('line', resolve);
    sender.once('exit', () => reject(new Error('the sender ended before it listened')));
  });
  const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false, skipUTF8Validation: true });
  const before = set.snapshots.length + job.warmUp;
  /** The frame with which the clock starts is no book's. */
  const first = before + 1;
  let seen = 0;
  const begin = (bytes: Buffer): void => {
    start = (JSON.parse(bytes.toString()) as { start: number }).start;
    setTimeout(finish, (start + (times.at(-1) as number) + GIVE_UP_MICROS - nowMicros()) / 1_000);
  };
  const ready = async (): Promise<void> => {
    await engine.settled();
    socket.send('ready');
  };
  const failed = new Promise<never>((_, reject) => {
    socket.on('error', reject);
    socket.on('message', (bytes: Buffer) => {
      const received = now();
      const place = seen < first ? undefined : seen - first;
      if (seen === before) begin(bytes);
      else {
        if (place === job.lead) engine.begin();
        probe.pass(RECEIVED, place, machineMicros(received));
        engine.frame(bytes, place, received);
      }
      engine.turn();
      if (++seen === before) ready().catch(reject);
    });
  });
  await Promise.race([finished, failed]);
  socket.terminate();
  await ended;
  return start;
}

/** A result that is early because its book is wrong would be worth nothing. */
function checkEnd({ mode, warmUp, schedule }: PathJob, all: FrameSet, engine: PathEngine): void {
  if (engine.levels === undefined) return;
  const played = { ...all, deltas: all.deltas.slice(0, warmUp + schedule.frames) };
  const digests = all.grids.map(({ symbol }) => [symbol, digestLevels(engine.levels?.(symbol) as Levels)] as const);
  checkBooks({ variant: mode, set: played }, expectedDigests(played), Object.fromEntries(digests));
}

// As the engine does before it loads itself.
inlineConstants();
const job = JSON.parse(process.argv[2] ?? '{}') as PathJob;
const set = readFrameSet(job.frames);
const probe = new Probe(job.schedule.frames, job.lead);
const engine = await createEngine(job, set, probe);
const start = await (job.wire ? overWire : handOver)(job, set, probe, engine);
const answers = probe.answers(intendedMicros(job.schedule), start, nowMicros());
const result: PathFigures = {
  ...answers,
  stages: { ...answers.stages, ...engine.stages?.() },
  scans: engine.scans(),
  note: engine.note(),
};
// Of what has not come in time the rows say how much it was.
if (answers.lost === 0) checkEnd(job, set, engine);
await engine.close();
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));

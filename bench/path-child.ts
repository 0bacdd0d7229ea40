// What happens in one run of the path bench? Frames arrive at their intended times; each waits for its result.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { inlineConstants } from '../src/literals.ts';
import { readFrameSet } from './frame-set.ts';
import type { FrameSet } from './frame-set.ts';
import { createEmpty } from './path-engine.ts';
import type { Done, PathEngine, PathMode } from './path-engine.ts';
import type { SenderJob } from './path-sender.ts';
import { intendedMicros, nowMicros, percentiles } from './schedule.ts';
import type { Percentiles, Schedule } from './schedule.ts';

export interface PathJob {
  readonly mode: PathMode;
  /** Over a loopback socket from a process of its own, or handed over in this one. */
  readonly wire: boolean;
  readonly frames: string;
  readonly warmUp: number;
  readonly schedule: Schedule;
}

const SENDER = fileURLToPath(new URL('./path-sender.ts', import.meta.url));
const START_DELAY_MICROS = 50_000;

async function createEngine(mode: PathMode, set: FrameSet, done: Done): Promise<PathEngine> {
  switch (mode) {
    case 'empty':
      return createEmpty(done);
    case 'inline':
      return (await import('./path-inline.ts')).createInline(set, done);
    case 'pool':
      return (await import('./path-pool.ts')).createPool(set, done);
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Frames of this process's own loop. It turns without sleeping, so that it hands over on time. */
async function handOver(job: PathJob, set: FrameSet): Promise<Percentiles> {
  const times = intendedMicros(job.schedule);
  const samples = new Float64Array(times.length).fill(Number.NaN);
  let answered = 0;
  let start = 0;
  const engine = await createEngine(job.mode, set, (place) => {
    samples[place] = nowMicros() - start - (times[place] as number);
    answered++;
  });
  for (const frame of set.snapshots) engine.frame(frame, undefined);
  for (let i = 0; i < job.warmUp; i++) {
    engine.frame(set.deltas[i] as Buffer, undefined);
    if (i % 10 !== 0) continue;
    engine.turn();
    await nextTurn();
  }
  start = nowMicros() + START_DELAY_MICROS;
  await new Promise<void>((resolve) => {
    let next = 0;
    const turn = (): void => {
      while (next < times.length && start + (times[next] as number) <= nowMicros()) {
        engine.frame(set.deltas[job.warmUp + next] as Buffer, next);
        next++;
      }
      engine.turn();
      if (answered === times.length) resolve();
      else setImmediate(turn);
    };
    turn();
  });
  await engine.close();
  return percentiles(samples);
}

/** Frames from the sender's socket: the loop sleeps between them, as in service. */
async function overWire(job: PathJob, set: FrameSet): Promise<Percentiles> {
  const times = intendedMicros(job.schedule);
  const samples = new Float64Array(times.length).fill(Number.NaN);
  let answered = 0;
  let start = 0;
  let finish: () => void = () => {};
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const engine = await createEngine(job.mode, set, (place) => {
    samples[place] = nowMicros() - start - (times[place] as number);
    if (++answered === times.length) finish();
  });
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
  let seen = 0;
  socket.on('message', (bytes: Buffer) => {
    if (seen === before) start = (JSON.parse(bytes.toString()) as { start: number }).start;
    else engine.frame(bytes, seen > before ? seen - before - 1 : undefined);
    engine.turn();
    if (++seen === before) socket.send('ready');
  });
  const failed = new Promise<never>((_, reject) => socket.on('error', reject));
  await Promise.race([finished, failed]);
  socket.close();
  await ended;
  await engine.close();
  return percentiles(samples);
}

// As the engine does before it loads itself.
inlineConstants();
const job = JSON.parse(process.argv[2] ?? '{}') as PathJob;
const set = readFrameSet(job.frames);
const result = await (job.wire ? overWire(job, set) : handOver(job, set));
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));

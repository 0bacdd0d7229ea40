// A main thread at work: books of forty symbols fed at a steady pace, rows offered to storage beside them. On its input it is
// told "pass" to do the same piece of work once more, "whole" to wait until the database has everything, and "end"; it
// answers each with a line of JSON. Started by `pairs.ts`.
import { createInterface } from 'node:readline';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ClientConfig } from 'pg';
import { createInline } from '../../../bench/path/inline.ts';
import { syntheticFrames } from '../../../bench/frames/synthetic.ts';
import { Probe } from '../../../bench/path/probe.ts';
import { intendedMicros, nowMicros } from '../../../bench/measure/schedule.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { openStore } from '../../../src/store/write/client.ts';
import { memoryLog, until } from '../fixtures.ts';
import { Offer } from './offer.ts';

export interface ChaosJob {
  readonly connection: ClientConfig;
  readonly stateDir: string;
  readonly sessionId: string;
  /** Of one pass. */
  readonly seconds: number;
  readonly framesPerSecond: number;
  readonly rowsPerSecond: number;
}

/** Of one pass. */
export interface PassCost {
  readonly cpuMicrosPerFrame: number;
  readonly loopDelayMsP99: number;
}

/** Of all that was offered. */
export interface Offered {
  readonly events: number;
  readonly trades: number;
  readonly dropped: number;
}

const TICK_MS = 5 as Ms;
const SEED = 7;

const job = JSON.parse(process.argv[2] as string) as ChaosJob;
const { framesPerSecond: rate, rowsPerSecond } = job;
const store = await openStore(
  { connection: job.connection, stateDir: job.stateDir, settings: { freeBytesMin: 0 } },
  memoryLog().log,
);
const offer = new Offer(store, job.sessionId);
const frames = rate * job.seconds;
const set = syntheticFrames(50, 40, frames, SEED);
const due = intendedMicros({ rate, frames, seed: SEED });

/** Every pass is the same: the books begin anew and hear the same frames at the same times. */
async function pass(): Promise<PassCost> {
  const engine = createInline(set, new Probe(0));
  for (const snapshot of set.snapshots) engine.frame(snapshot, undefined, systemClock.monotonic());
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const begun = process.threadCpuUsage();
  const from = nowMicros();
  let next = 0;
  let offered = 0;
  await new Promise<void>((done) => {
    const timer = systemClock.every(TICK_MS, () => {
      const now = nowMicros() - from;
      for (; next < frames && (due[next] as number) <= now; next++)
        engine.frame(set.deltas[next] as Buffer, undefined, systemClock.monotonic());
      const rows = Math.floor((now / 1_000_000) * rowsPerSecond);
      if (rows > offered) offer.write(rows - offered);
      offered = Math.max(offered, rows);
      if (next < frames) return;
      timer.cancel();
      done();
    });
  });
  const { user, system } = process.threadCpuUsage(begun);
  delay.disable();
  await engine.close();
  return { cpuMicrosPerFrame: (user + system) / frames, loopDelayMsP99: delay.percentile(99) / 1e6 };
}

const whole = (): Promise<void> =>
  until(() => store.stats().connected && store.stats().spooled === 0 && store.stats().queued === 0);

async function end(): Promise<Offered> {
  await whole();
  const { dropped } = await store.close(30_000);
  const shed = Object.values(dropped).reduce((sum, rows) => sum + rows, 0);
  return { events: offer.events, trades: offer.trades, dropped: shed };
}

const answer = (value: object): unknown => process.stdout.write(`${JSON.stringify(value)}\n`);
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'pass') answer(await pass());
  else if (line === 'whole') answer(await whole().then(() => ({})));
  else break;
}
answer(await end());
process.stdin.destroy();

// A main thread at work: books of forty symbols fed at a steady pace, rows offered to storage beside them. Told what to do
// in its argument, it says "ready", works, and prints what that has cost it. Started by `chaos-run.ts`.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { ClientConfig } from 'pg';
import { createInline } from '../../../bench/path-inline.ts';
import { syntheticFrames } from '../../../bench/frames.ts';
import { Probe } from '../../../bench/probe.ts';
import { intendedMicros, nowMicros } from '../../../bench/schedule.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { openStore } from '../../../src/store/client.ts';
import { memoryLog, until } from '../fixtures.ts';
import { Offer } from './offer.ts';

export interface ChaosJob {
  readonly connection: ClientConfig;
  readonly stateDir: string;
  readonly sessionId: string;
  readonly seconds: number;
  readonly framesPerSecond: number;
  readonly rowsPerSecond: number;
}

export interface ChaosCost {
  readonly cpuMicrosPerFrame: number;
  readonly loopDelayMsP99: number;
  readonly frames: number;
  readonly events: number;
  readonly trades: number;
  readonly dropped: number;
}

const WARM_UP_SECONDS = 2;
const TICK_MS = 5 as Ms;

async function work(job: ChaosJob): Promise<ChaosCost> {
  const { framesPerSecond, rowsPerSecond, seconds } = job;
  const { log } = memoryLog();
  const settings = { freeBytesMin: 0 };
  const store = await openStore({ connection: job.connection, stateDir: job.stateDir, settings }, log);
  await until(() => store.stats().connected);
  const count = framesPerSecond * (seconds + WARM_UP_SECONDS);
  const set = syntheticFrames(50, 40, count, 7);
  const engine = createInline(set, new Probe(0));
  for (const snapshot of set.snapshots) engine.frame(snapshot, undefined, systemClock.monotonic());
  const due = intendedMicros({ rate: framesPerSecond, frames: count, seed: 7 });
  const warm = framesPerSecond * WARM_UP_SECONDS;
  const offer = new Offer(store, job.sessionId);
  const delay = monitorEventLoopDelay({ resolution: 1 });
  let next = 0;
  let offered = 0;
  let begun: NodeJS.CpuUsage | undefined;
  process.stdout.write('ready\n');
  const from = nowMicros();
  await new Promise<void>((done) => {
    const timer = systemClock.every(TICK_MS, () => {
      const now = nowMicros() - from;
      for (; next < count && (due[next] as number) <= now; next++)
        engine.frame(set.deltas[next] as Buffer, undefined, systemClock.monotonic());
      const rows = Math.floor((now / 1_000_000) * rowsPerSecond);
      if (rows > offered) offer.write(rows - offered);
      offered = Math.max(offered, rows);
      if (begun === undefined && next >= warm) {
        begun = process.threadCpuUsage();
        delay.enable();
      }
      if (next < count) return;
      timer.cancel();
      done();
    });
  });
  const { user, system } = process.threadCpuUsage(begun);
  delay.disable();
  process.stdout.write('worked\n');
  await until(() => store.stats().connected && store.stats().spooled === 0 && store.stats().queued === 0);
  const { dropped } = await store.close(30_000);
  await engine.close();
  return {
    cpuMicrosPerFrame: (user + system) / (count - warm),
    loopDelayMsP99: delay.percentile(99) / 1e6,
    frames: count - warm,
    events: offer.events,
    trades: offer.trades,
    dropped: Object.values(dropped).reduce((sum, rows) => sum + rows, 0),
  };
}

process.stdout.write(`${JSON.stringify(await work(JSON.parse(process.argv[2] as string) as ChaosJob))}\n`);

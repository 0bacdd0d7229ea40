// Does main pay for a database in trouble? Pairs of runs, one with a server that is well and one with one that fails.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChaosCost, ChaosJob } from './chaos-main.ts';
import type { Fault } from './faults.ts';

const PROGRAM = fileURLToPath(new URL('./chaos-main.ts', import.meta.url));

/** `meanwhile` runs from the moment the work begins until it ends. */
async function runMain(job: ChaosJob, meanwhile: (isOver: () => boolean) => Promise<void>): Promise<ChaosCost> {
  const child = spawn(process.execPath, ['--no-warnings', PROGRAM, JSON.stringify(job)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let isOver = false;
  let trouble: Promise<void> = Promise.resolve();
  let last = '';
  for await (const line of createInterface({ input: child.stdout })) {
    if (line === 'ready') trouble = meanwhile(() => isOver);
    if (line === 'worked') isOver = true;
    last = line;
  }
  isOver = true;
  await trouble;
  return JSON.parse(last) as ChaosCost;
}

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** One fault after the other, each for a second and a half, with as much of peace between. */
async function trouble(faults: readonly Fault[], isOver: () => boolean): Promise<void> {
  for (let i = 0; !isOver(); i++) {
    const fault = faults[i % faults.length] as Fault;
    await fault.begin();
    await wait(1_500);
    await fault.end();
    await wait(1_500);
  }
}

export interface Pair {
  readonly calm: ChaosCost;
  readonly chaos: ChaosCost;
}

export type PairJob = Omit<ChaosJob, 'sessionId' | 'stateDir'> & { readonly folder: string };

/** Which of the two goes first changes from pair to pair: neither has the warmer machine. */
export async function runPair(index: number, { folder, ...job }: PairJob, faults: readonly Fault[]): Promise<Pair> {
  const one = (name: 'calm' | 'chaos'): Promise<ChaosCost> => {
    const sessionId = `pair-${index}-${name}`;
    const own = { ...job, sessionId, stateDir: join(folder, sessionId) };
    return runMain(own, name === 'calm' ? async () => undefined : (isOver) => trouble(faults, isOver));
  };
  if (index % 2 === 0) {
    const calm = await one('calm');
    return { calm, chaos: await one('chaos') };
  }
  const chaos = await one('chaos');
  return { calm: await one('calm'), chaos };
}

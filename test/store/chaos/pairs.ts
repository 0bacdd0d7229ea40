// Does main pay for a database in trouble? The same piece of work again and again in one process, every other time with a
// server that fails.
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ChaosJob, Offered, PassCost } from './chaos-main.ts';
import type { Fault } from './faults.ts';

const PROGRAM = fileURLToPath(new URL('./chaos-main.ts', import.meta.url));
/** Into a pass the fault begins, and so long it lasts: what follows it is in the pass too. */
const BEGINS_MS = 1_000;
const LASTS_MS = 3_000;

export interface Pair {
  readonly fault: string;
  readonly calm: PassCost;
  readonly chaos: PassCost;
}

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

class Worker {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(job: ChaosJob) {
    const child = spawn(process.execPath, ['--no-warnings', PROGRAM, JSON.stringify(job)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child = child;
    this.#answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async ask<T>(what: 'pass' | 'whole' | 'end'): Promise<T> {
    this.#child.stdin?.write(`${what}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`the work has ended at "${what}"`);
    return JSON.parse(value) as T;
  }
}

/** Each pair has its fault. Which of the two goes first changes from pair to pair: neither has the warmer machine. */
export async function runPairs(
  job: ChaosJob,
  faults: readonly Fault[],
  count: number,
  told: (pair: Pair) => void,
): Promise<Offered> {
  const worker = new Worker(job);
  const calmly = async (): Promise<PassCost> => {
    await worker.ask('whole');
    return worker.ask('pass');
  };
  const inTrouble = async (fault: Fault): Promise<PassCost> => {
    await worker.ask('whole');
    const cost = worker.ask<PassCost>('pass');
    await wait(BEGINS_MS);
    await fault.begin();
    await wait(LASTS_MS);
    await fault.end();
    return cost;
  };
  await calmly(); // until the code is warm
  for (let i = 0; i < count; i++) {
    const fault = faults[i % faults.length] as Fault;
    const first = i % 2 === 0 ? await calmly() : undefined;
    const chaos = await inTrouble(fault);
    told({ fault: fault.name, chaos, calm: first ?? (await calmly()) });
  }
  return worker.ask('end');
}

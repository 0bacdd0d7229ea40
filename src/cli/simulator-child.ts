// How does a command get an exchange of its own? The simulator as a child process that ends with us, whatever happens.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Ms } from '../lib/brand.ts';
import { type Clock, systemClock } from '../lib/clock.ts';
import { messageOf } from '../lib/error-message.ts';
import { passingRemedy } from '../lib/passing-fault.ts';
import { CliError, EXIT } from './context.ts';

interface Ready {
  readonly rest: string;
  readonly public: string;
  readonly private: string;
  readonly trade: string;
  readonly control: string;
  /** Made up at its start; the first one's account is as the engine needs it. */
  readonly keys: readonly { readonly key: string; readonly secret: string; readonly uid: number }[];
}

export interface SimulatorChild extends Ready {
  readonly pid: number | undefined;
  /** Ends it; resolves when its log of the truth is whole. One that hangs is killed, and loses the end of that log. */
  close(): Promise<void>;
  /** Resolves with the exit code when it ended by itself. */
  readonly died: Promise<number | null>;
}

export interface SimulatorChildOptions {
  readonly seed: number;
  readonly symbols: number;
  readonly rate: number | 'natural';
  readonly truth?: string | undefined;
  readonly ledger?: string | undefined;
}

/** To write what is left of its logs. */
const END_MS_MAX = 10_000 as Ms;
const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

function faultOf(error: Error): string {
  const remedy = passingRemedy(error);
  return remedy === undefined ? messageOf(error) : `${messageOf(error)}: ${remedy}`;
}

/** @throws {CliError} where it does not start: it has said why, or the system has */
export async function startSimulatorChild(
  options: SimulatorChildOptions,
  clock: Clock = systemClock,
): Promise<SimulatorChild> {
  const args = ['simulator', '--json', '--parent-pipe', '--seed', `${options.seed}`, '--symbols', `${options.symbols}`];
  if (options.rate !== 'natural') args.push('--rate', `${options.rate}`);
  if (options.truth !== undefined) args.push('--truth', options.truth);
  if (options.ledger !== undefined) args.push('--ledger', options.ledger);
  // A process group of its own: Ctrl-C must not end the exchange before our connections are closed.
  const child: ChildProcess = spawn(process.execPath, [MAIN, ...args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  // Where this process may open no more files there is neither.
  const { stdin, stdout } = child as { [pipe in 'stdin' | 'stdout']: ChildProcess[pipe] | undefined };
  stdin?.on('error', () => undefined); // its end is told by `exit`
  let fault: Error | undefined;
  const died = new Promise<number | null>((resolve) => {
    child
      .once('error', (error) => {
        fault = error;
        resolve(null);
      })
      .once('exit', (code) => resolve(code));
  });
  const line = await new Promise<string | undefined>((resolve) => {
    if (!stdout) return resolve(undefined);
    createInterface({ input: stdout })
      .once('line', resolve)
      .once('close', () => resolve(undefined));
  });
  const ready = line === undefined ? undefined : (JSON.parse(line) as Ready | { readonly error: string });
  if (ready === undefined || 'error' in ready) {
    const code = await died;
    const why = fault === undefined ? `exit code ${code}` : faultOf(fault);
    throw new CliError(`the simulated exchange did not start (${why})`, EXIT.unavailable);
  }
  return {
    ...ready,
    pid: child.pid,
    died,
    async close() {
      stdin?.destroy();
      const limit = clock.after(END_MS_MAX, () => child.kill('SIGKILL'));
      await died;
      limit.cancel();
    },
  };
}

// How does a command get an exchange of its own? The simulator as a child process that ends with us, whatever happens.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
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
  /** Ends it; resolves when its log of the truth is whole. */
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

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

export async function startSimulatorChild(options: SimulatorChildOptions): Promise<SimulatorChild> {
  const args = ['simulator', '--json', '--parent-pipe', '--seed', `${options.seed}`, '--symbols', `${options.symbols}`];
  if (options.rate !== 'natural') args.push('--rate', `${options.rate}`);
  if (options.truth !== undefined) args.push('--truth', options.truth);
  if (options.ledger !== undefined) args.push('--ledger', options.ledger);
  // A process group of its own: Ctrl-C must not end the exchange before our connections are closed.
  const child = spawn(process.execPath, [MAIN, ...args], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => undefined); // its end is told by `exit`
  const died = new Promise<number | null>((resolve) => {
    child.once('error', () => resolve(null)).once('exit', (code) => resolve(code));
  });
  const line = await new Promise<string | undefined>((resolve) => {
    createInterface({ input: child.stdout })
      .once('line', resolve)
      .once('close', () => resolve(undefined));
  });
  const ready = line === undefined ? undefined : (JSON.parse(line) as Ready | { readonly error: string });
  if (ready === undefined || 'error' in ready) {
    throw new CliError(`the simulated exchange did not start (exit code ${await died})`, EXIT.unavailable);
  }
  return {
    ...ready,
    pid: child.pid,
    died,
    async close() {
      child.stdin.destroy();
      await died;
    },
  };
}

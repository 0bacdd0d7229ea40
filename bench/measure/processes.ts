// How is a comparison run? A fresh process per implementation and round, interleaved, pinned to one core where that is possible.
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Job } from './child.ts';
import { GARBAGE_FLAGS, type Measured } from './subject.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const PACKAGE = new URL('../../package.json', import.meta.url);

export const canPin = process.platform === 'linux' && spawnSync('taskset', ['-c', '0', 'true']).status === 0;
/** The last core: interrupts mostly land on the first. */
const core = os.availableParallelism() - 1;

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly system: string;
  /** Was each implementation measured on one core? */
  readonly pinned: boolean;
}

export function machine(isPinned: boolean): Machine {
  return {
    cpu: os.cpus()[0]?.model ?? 'unknown',
    cores: os.availableParallelism(),
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    pinned: isPinned && canPin,
  };
}

const isVariable = (word: string): boolean => /^[A-Z_]+=/.test(word);

/** What `npm start` gives Node: flags of its own, and variables of its environment. */
export function daemonFlags(): readonly string[] {
  const { scripts } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { scripts: { start: string } };
  return scripts.start.split(' ').filter((word) => word.startsWith('--') || isVariable(word));
}

/** How a process is started under them. */
export function under(flags: readonly string[]): { readonly argv: readonly string[]; readonly env: NodeJS.ProcessEnv } {
  const variables = flags.filter(isVariable).map((word) => word.split('='));
  const argv = flags.filter((word) => !isVariable(word));
  return { argv, env: { ...process.env, ...(Object.fromEntries(variables) as NodeJS.ProcessEnv) } };
}

/** Runs one file of ours in a process of its own and reads the last line it prints. */
export async function runProcess<Result>(
  file: string,
  argument: unknown,
  flags: readonly string[],
  pin: boolean,
): Promise<Result> {
  const { argv, env } = under(flags);
  const node = [...argv, '--disable-warning=ExperimentalWarning', file, JSON.stringify(argument)];
  return runCommand<Result>(process.execPath, node, pin, env);
}

/** The same for any program. */
export async function runCommand<Result>(
  program: string,
  argv: readonly string[],
  pin: boolean,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Result> {
  const [command, ...args] = pin && canPin ? ['taskset', '-c', String(core), program, ...argv] : [program, ...argv];
  const child = spawn(command as string, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (err += bytes.toString()));
  const ended = await new Promise<number | string>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'));
  });
  if (ended !== 0) throw new Error(`a measuring process ended with ${ended} (${argv.join(' ')}):\n${err.trim()}`);
  return JSON.parse(out.trim().split('\n').at(-1) ?? '') as Result;
}

export function runJob(job: Job, pin: boolean): Promise<Measured> {
  return runProcess<Measured>(CHILD, job, job.measure.includes('garbage') ? GARBAGE_FLAGS : [], pin);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** (largest − smallest) / median. */
export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

export function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  return Math.round(value * scale) / scale;
}

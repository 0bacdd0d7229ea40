// How is the real daemon run from a test? As a process of its own in a directory of its own, with every word of it kept.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MAIN } from '../program.ts';

export interface Ran<Last> {
  readonly code: number | null;
  /** The last JSON object on stdout; undefined where there was none. */
  readonly last: Last | undefined;
  readonly stderr: string;
}

export async function tempStateDir(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const dir = await mkdtemp(path.join(tmpdir(), 'plotnost-safety-'));
  return { path: dir, remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }) };
}

/** Runs a command to its end. Whoever starts it is not outlived by it: it ends when its words are not heard any more. */
export async function runToEnd<Last>(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran<Last>> {
  const child = spawn(process.execPath, ['--no-warnings', MAIN, ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let line: string | undefined;
  let stderr = '';
  createInterface({ input: child.stdout }).on('line', (text) => {
    if (text.startsWith('{')) line = text;
  });
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, last: line === undefined ? undefined : (JSON.parse(line) as Last), stderr };
}

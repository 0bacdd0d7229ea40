// How do tests run a bench? As its user does, in the quick size and without the peers, which only `npm run bench` installs.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));

interface Told {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

export function runProgram(file: string, ...args: readonly string[]): Promise<Told> {
  return new Promise((resolve) => {
    execFile(process.execPath, [file, ...args], (error, out, errors) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, errors });
    });
  });
}

export const runBench = (...args: readonly string[]): Promise<Told> => runProgram(MAIN, ...args);

export async function quickReport<Report>(name: string): Promise<Report> {
  const { code, out, errors } = await runBench(name, '--quick', '--without-peers', '--json');
  if (code !== 0) throw new Error(`bench ${name} ended with ${code}:\n${errors}`);
  return JSON.parse(out) as Report;
}

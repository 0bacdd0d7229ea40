// Is that process still the one we met? A pid alone is reused; with its start time it is a name.
import { execFile } from 'node:child_process';
import { readFile, readlink, realpath } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

async function ps(pid: number, column: string): Promise<string | undefined> {
  return run('ps', ['-o', `${column}=`, '-p', String(pid)]).then(
    ({ stdout }) => stdout.trim() || undefined,
    () => undefined,
  );
}

async function textOf(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}

/** A text that no other process of this machine has; undefined when the process is gone (or a zombie). */
export async function processIdentity(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') return ps(pid, 'lstart');
  const stat = await textOf(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The command name stands in brackets and may hold anything, blanks and brackets too.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  const boot = await textOf('/proc/sys/kernel/random/boot_id');
  return `${boot?.trim()}:${fields[19]}`;
}

/** Within which pids mean the same processes: this boot of this machine, this container of it. Undefined where nobody tells. */
export async function processSpace(): Promise<string | undefined> {
  const namespace = await readlink('/proc/self/ns/pid').catch(() => undefined);
  const boot = await textOf('/proc/sys/kernel/random/boot_id');
  return namespace === undefined || boot === undefined ? undefined : `${boot.trim()}:${namespace}`;
}

/** Does a living process with this pid serve that data directory? A server stands in its data directory. */
export async function servesData(pid: number, dataDir: string): Promise<boolean> {
  if ((await processIdentity(pid)) === undefined) return false;
  if (process.platform !== 'linux') return (await ps(pid, 'command'))?.includes(dataDir) ?? false;
  const [cwd, own] = await Promise.all([
    readlink(`/proc/${pid}/cwd`).catch(() => undefined),
    realpath(dataDir).catch(() => undefined),
  ]);
  return own !== undefined && cwd === own;
}

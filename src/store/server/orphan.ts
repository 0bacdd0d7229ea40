// Does a server that nobody keeps still hold the data directory? It is stopped with its engine, or before another one starts.
import { readFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { removeFolder } from '../../lib/folder.ts';
import { servesData } from '../../lib/process-identity.ts';
import { StoreError } from '../error.ts';
import type { Log } from '../../lib/log.ts';
import { readDiscovery, removeDiscovery, socketsOf } from './discovery.ts';

/** The process id that PostgreSQL itself wrote; undefined where it wrote none. */
export async function postmasterPid(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  return pid > 1 ? pid : undefined;
}

async function goneWithin(ms: number, pid: number, dataDir: string): Promise<boolean> {
  for (let waited = 0; waited <= ms; waited += 25) {
    if (!(await servesData(pid, dataDir))) return true;
    await wait(25);
  }
  return false;
}

/** It may have ended by itself since somebody looked. */
function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/**
 * Ends a server that has no keeper to end it: at once, or where it still has one, once that had its time.
 *
 * @throws {StoreError} where it does not end
 */
export async function stopOrphan(dataDir: string, keeperMs: number, log: Log): Promise<void> {
  const pid = await postmasterPid(dataDir);
  if (pid === undefined || (await goneWithin(keeperMs, pid, dataDir))) return;
  log.warn({ pid, dataDir }, 'database.orphan-stopped');
  tell(pid, 'SIGINT');
  if (!(await goneWithin(1_500, pid, dataDir))) tell(pid, 'SIGQUIT');
  if (await goneWithin(5_500, pid, dataDir)) return;
  throw new StoreError('in-use', `a PostgreSQL server (pid ${pid}) holds ${dataDir} and does not stop: end it`, true);
}

/** The keeper of a killed engine usually stops its server; if the keeper was killed too, we do. */
export async function clearOrphan(stateDir: string, dataDir: string, log: Log): Promise<void> {
  await stopOrphan(dataDir, 2_200, log);
  // No server uses it, as verified above. Left behind, its pid may by now belong to another program and block every start.
  await rm(join(dataDir, 'postmaster.pid'), { force: true });
  const left = await readDiscovery(stateDir);
  if (left !== undefined && basename(left.socketDir).startsWith('plotnost-')) {
    await removeFolder(left.socketDir, socketsOf(left.port));
  }
  await removeDiscovery(stateDir);
}

// Is an engine alive on this state directory, whether it answers or not? Looks, and claims nothing.
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { processIdentity } from '../../lib/process-identity.ts';

const CLAIM = /^engine\.lock\.\d{1,9}$/;

/** The living process that holds the lock of the directory; undefined where nobody does. */
export async function engineProcess(stateDir: string): Promise<number | undefined> {
  const names = await readdir(stateDir).catch(() => []);
  for (const name of names.filter((one) => CLAIM.test(one))) {
    const text = await readFile(path.join(stateDir, name), 'utf8').catch(() => '');
    const owner = /^\{"pid":(\d+),"identity":"(.*)"\}$/.exec(text);
    const pid = Number(owner?.[1]);
    if (owner !== null && (await processIdentity(pid)) === owner[2]) return pid;
  }
  return undefined;
}

// Is there a data directory that this server can open? Made if missing, whole or not at all.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, mkdtemp, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { messageOf } from '../../lib/error-message.ts';
import type { Account, Binaries } from './binaries.ts';
import { SERVER_ENV } from './binaries.ts';
import { StoreError } from '../error.ts';

export const SUPERUSER = 'plotnost';

/**
 * How the server names its data directory. Under another account on Linux it may not be able to walk there from the
 * root (a checkout in root's home): it gets the directory as open descriptor 3 and looks no further than that.
 */
export function dataArgument(dataDir: string, account: Account | undefined): string {
  return account !== undefined && process.platform === 'linux' ? '/proc/self/fd/3' : dataDir;
}

/** As `initdb` says it: it speaks English, whatever the language of this machine. */
const DISK_FULL = 'No space left on device';
const REMEDIES = [
  [DISK_FULL, 'make room on its disk'],
  [
    'user does not exist',
    'PostgreSQL runs only under an account of the system: add one, or name a server in the "database" section',
  ],
] as const;

/** Answers what the program said on its error output when it failed. */
async function runInitdb(draft: string, binaries: Binaries, account: Account | undefined): Promise<string | undefined> {
  const args = ['-D', dataArgument(draft, account), '-U', SUPERUSER, '--auth=trust', '--encoding=UTF8', '--locale=C'];
  const directory = await open(draft, 'r');
  try {
    // A group of its own: Ctrl-C is for us, and must leave no half of a database.
    const child = spawn(binaries.initdb, args, {
      ...account,
      detached: true,
      cwd: '/',
      env: SERVER_ENV,
      stdio: ['ignore', 'ignore', 'pipe', directory.fd],
    });
    const said = text(child.stderr as Readable);
    const [code] = (await once(child, 'close')) as [number | null];
    return code === 0 ? undefined : await said;
  } finally {
    await directory.close();
  }
}

/** What starts that were killed have left; one that is still written goes with a later start. */
async function removeDrafts(dataDir: string): Promise<void> {
  const prefix = `${basename(dataDir)}.new`;
  for (const name of await readdir(dirname(dataDir))) {
    if (!name.startsWith(prefix)) continue;
    await rm(join(dirname(dataDir), name), { recursive: true, force: true }).catch(() => undefined);
  }
}

async function initialise(dataDir: string, binaries: Binaries, account: Account | undefined): Promise<void> {
  // A name of its own: a killed start's program may go on for seconds, and when it fails it empties the directory it was given.
  const draft = await mkdtemp(`${dataDir}.new-`);
  await chmod(draft, 0o700);
  if (account !== undefined) await chown(draft, account.uid, account.gid);
  const fault = await runInitdb(draft, binaries, account);
  if (fault !== undefined) {
    const [words, remedy] = REMEDIES.find(([said]) => fault.includes(said)) ?? [];
    const told = remedy === undefined ? '' : ` (${remedy})`;
    throw new StoreError('start-failed', `initdb failed in ${draft}: ${fault.trim()}${told}`, words === DISK_FULL);
  }
  await rename(draft, dataDir);
}

/** Files made under one account and opened under another (first as a user, later as root) change hands. */
async function giveTo(account: Account, dir: string): Promise<void> {
  for (const entry of await readdir(dir, { withFileTypes: true, recursive: true })) {
    if (!entry.isSymbolicLink()) await chown(join(entry.parentPath, entry.name), account.uid, account.gid);
  }
  await chown(dir, account.uid, account.gid);
}

/** True where it was there before. */
export async function ensureDataDirectory(
  dataDir: string,
  binaries: Binaries,
  account: Account | undefined,
): Promise<boolean> {
  await removeDrafts(dataDir);
  const absentAs =
    <T>(absent: T) =>
    (error: unknown): T => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return absent;
      throw new StoreError('start-failed', `cannot read ${dataDir}: ${messageOf(error)}`, false, error);
    };
  const version = await readFile(join(dataDir, 'PG_VERSION'), 'utf8').catch(absentAs(undefined));
  if (version === undefined) {
    const left = await readdir(dataDir).catch(absentAs([]));
    if (left.length > 0) {
      throw new StoreError('start-failed', `${dataDir} holds files but no PostgreSQL data: move it away`, false);
    }
    await rm(dataDir, { recursive: true, force: true });
    await initialise(dataDir, binaries, account);
    return false;
  }
  if (Number(version.trim()) !== binaries.major) {
    throw new StoreError(
      'wrong-version',
      `${dataDir} was made by PostgreSQL ${version.trim()}, this is ${binaries.major}: export it with the old one (pg_dump), or move it away to start afresh`,
      false,
    );
  }
  if (account !== undefined) await giveTo(account, dataDir);
  return true;
}

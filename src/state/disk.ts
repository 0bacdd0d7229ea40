// How does the journal reach the disk? Through this port: everything but `writeNow` runs off the main thread.
import { fdatasyncSync, writeSync } from 'node:fs';
import { open, readFile, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './durable-file.ts';

export interface DiskFile {
  /** All of it. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** It lasts, whatever happens to the machine. */
  datasync(): Promise<void>;
  /** Both at once on the calling thread: for the last moment of a process. */
  writeNow(bytes: Uint8Array, position: number): void;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

export interface Disk {
  /** Names; none where the directory is not there. */
  list(dir: string): Promise<readonly string[]>;
  read(path: string): Promise<Buffer>;
  /** Undefined where it is not there. */
  facts(path: string): Promise<{ readonly bytes: number; readonly changedMs: number } | undefined>;
  /** Made where it is not there, never emptied. */
  open(path: string): Promise<DiskFile>;
  /** Lasts: the directory is synced too. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  freeBytes(dir: string): Promise<number>;
}

/** What is not there is no error. */
export async function absentAs<T>(absent: T, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return absent;
    throw error;
  });
}

async function openFile(path: string): Promise<DiskFile> {
  const handle = await absentAs(undefined, open(path, 'r+'));
  const file = handle ?? (await open(path, 'wx+', 0o600));
  if (handle === undefined) await syncDirectory(dirname(path)); // the name has to last too
  return {
    write: async (bytes, position) => {
      for (let at = 0; at < bytes.length;) {
        at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
      }
    },
    datasync: () => file.datasync(),
    writeNow: (bytes, position) => {
      for (let at = 0; at < bytes.length;) at += writeSync(file.fd, bytes, at, bytes.length - at, position + at);
      fdatasyncSync(file.fd);
    },
    truncate: (length) => file.truncate(length),
    close: () => file.close(),
  };
}

export const systemDisk: Disk = {
  list: (dir) => absentAs<readonly string[]>([], readdir(dir)),
  read: (path) => readFile(path),
  facts: async (path) => {
    const found = await absentAs(undefined, stat(path));
    return found && { bytes: found.size, changedMs: found.mtimeMs };
  },
  open: openFile,
  rename: async (from, to) => {
    await rename(from, to);
    await syncDirectory(dirname(to));
  },
  remove: (path) => rm(path, { force: true }),
  freeBytes: async (dir) => {
    const { bavail, bsize } = await statfs(dir);
    return bavail * bsize;
  },
};

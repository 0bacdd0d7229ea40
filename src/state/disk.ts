// How does the journal reach the disk? Through this port: everything but `writeNow` runs off the main thread.
//
// Where the system can, a file is opened so that a write is over only when it lasts: writing and syncing by two calls costs
// a second way to the pool of threads and back, while an entry waits.
import { constants, fdatasyncSync, writeSync } from 'node:fs';
import { open, readFile, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncDirectory } from './durable-file.ts';

export interface DiskFile {
  /** Writes everything, durably: it survives a power cut. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** For a truncation, which no write follows. */
  datasync(): Promise<void>;
  /** Like `write`, but on the calling thread: for the last moment of a process. */
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
  /** Made where it is not there, never emptied. Its name lasts. */
  open(path: string): Promise<DiskFile>;
  /** Lasts: the directory is synced too. */
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  freeBytes(dir: string): Promise<number>;
}

/** A missing file is not an error. */
export async function absentAs<T>(absent: T, work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return absent;
    throw error;
  });
}

/** Elsewhere what O_DSYNC promises is less than what a sync does, or it is not there. */
const LASTING = process.platform === 'linux' ? constants.O_DSYNC : 0;
const { O_RDWR, O_CREAT, O_EXCL } = constants;

async function openFile(path: string): Promise<DiskFile> {
  const handle = await absentAs(undefined, open(path, O_RDWR | LASTING));
  const file = handle ?? (await open(path, O_RDWR | O_CREAT | O_EXCL | LASTING, 0o600));
  try {
    await syncDirectory(dirname(path)); // the name has to last too, also one that was made where this was refused
  } catch (error) {
    await file.close();
    throw error;
  }
  return {
    write: async (bytes, position) => {
      for (let at = 0; at < bytes.length;) {
        at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
      }
      if (LASTING === 0) await file.datasync();
    },
    datasync: () => file.datasync(),
    writeNow: (bytes, position) => {
      for (let at = 0; at < bytes.length;) at += writeSync(file.fd, bytes, at, bytes.length - at, position + at);
      if (LASTING === 0) fdatasyncSync(file.fd);
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

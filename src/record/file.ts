// How are the bytes of a recording fetched, in the order in which its container wants them?
import { open, type FileHandle } from 'node:fs/promises';
import { RecordError } from './record-error.ts';

export interface RecordFile {
  readonly path: string;
  readonly size: number;
  /** Up to `length` bytes from `at`; fewer only where the file ends. Rejects with a RecordError where the disk fails. */
  read(at: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

/** `onRead` hears how far into the file its reader has come. */
export async function openRecord(path: string, onRead: (at: number) => void = () => {}): Promise<RecordFile> {
  const handle = await openHandle(path);
  const stat = await handle.stat();
  if (!stat.isFile()) {
    await handle.close();
    throw new RecordError('missing', path, 'is a directory or a device: name the files themselves');
  }
  return {
    path,
    size: stat.size,
    async read(at, length) {
      const piece = Buffer.allocUnsafe(Math.max(0, Math.min(length, stat.size - at)));
      let filled = 0;
      try {
        while (filled < piece.length) {
          const { bytesRead } = await handle.read(piece, filled, piece.length - filled, at + filled);
          if (bytesRead === 0) break;
          filled += bytesRead;
        }
      } catch (error) {
        const reason = `cannot be read on (${codeOf(error)}): look at its disk`;
        throw new RecordError('damaged', path, reason, { byte: at + filled });
      }
      onRead(at + filled);
      return piece.subarray(0, filled);
    },
    close: () => handle.close(),
  };
}

async function openHandle(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    const code = codeOf(error);
    const reason =
      code === 'ENOENT' ? 'there is no such file: check the path' : `cannot be opened (${code}): check its rights`;
    throw new RecordError('missing', path, reason);
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

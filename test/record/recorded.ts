// Files for the tests of recordings: made here, in a directory that goes away.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterEach, beforeEach } from 'vitest';
import type { Entry } from '../../src/record/entry.ts';
import { RecordError } from '../../src/record/record-error.ts';
import { readRecording } from '../../src/record/recording.ts';

const real = (name: string): string => fileURLToPath(new URL(`../real/bybit/${name}`, import.meta.url));
export const REAL = real('linear_BTCUSDT_DOGEUSDT_2026-08-09.jsonl.gz');
export const REAL_INSTRUMENTS = real('rest_instruments-info_linear_2026-08-09.json.gz');

/** A directory of each test's own; `write` returns the path of the new file. */
export function useDirectory(): {
  path(name: string): string;
  write(name: string, bytes: Buffer | string): Promise<string>;
} {
  let directory = '';
  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'plotnost-record-'));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));
  return {
    path: (name) => path.join(directory, name),
    async write(name, bytes) {
      await writeFile(path.join(directory, name), bytes);
      return path.join(directory, name);
    },
  };
}

/** What a writer of archives may do otherwise than most. */
export interface Archive {
  readonly method?: number;
  readonly flags?: number;
  readonly extra?: Buffer;
  /** The lengths stand in the extra field instead. */
  readonly isWide?: boolean;
  /** Written without going back: checksum and lengths stand behind the data. */
  readonly behind?: (sum: number, packed: number, length: number) => Buffer;
}

/** One file in an archive, as the exchange publishes its days. */
export function zip(name: string, content: Buffer, archive: Archive = {}): Buffer {
  const { method = 8, extra = Buffer.alloc(0), isWide = false, behind } = archive;
  const packed = method === 0 ? content : deflateRawSync(content);
  const sum = crc32(content);
  const fields = (signature: number): Buffer => {
    const head = Buffer.alloc(signature === 0x04034b50 ? 30 : 46);
    const at = signature === 0x04034b50 ? 4 : 6;
    head.writeUInt32LE(signature, 0);
    head.writeUInt16LE(20, at);
    head.writeUInt16LE(archive.flags ?? (behind === undefined ? 0 : 8), at + 2);
    head.writeUInt16LE(method, at + 4);
    if (behind === undefined) {
      head.writeUInt32LE(sum, at + 10);
      head.writeUInt32LE(isWide ? 0xffffffff : packed.length, at + 14);
      head.writeUInt32LE(isWide ? 0xffffffff : content.length, at + 18);
    }
    head.writeUInt16LE(name.length, at + 22);
    head.writeUInt16LE(extra.length, at + 24);
    return Buffer.concat([head, Buffer.from(name), extra]);
  };
  const told = behind?.(sum, packed.length, content.length) ?? Buffer.alloc(0);
  const local = Buffer.concat([fields(0x04034b50), packed, told]);
  const directory = fields(0x02014b50);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, directory, end]);
}

export type TestLevel = readonly [price: string, size: string];

export function bookFrame(
  type: 'snapshot' | 'delta',
  u: number,
  bids: readonly TestLevel[],
  asks: readonly TestLevel[],
  topic = 'orderbook.50.SOLUSDT',
): string {
  const ts = 1_733_011_200_000 + u * 100;
  const symbol = topic.split('.').at(-1);
  return JSON.stringify({ topic, type, ts, data: { s: symbol, b: bids, a: asks, u, seq: u * 10 }, cts: ts - 3 });
}

/** All that a file tells, and the fault at which it ended. */
export async function readAll(file: string): Promise<{ entries: Entry[]; fault: RecordError | undefined }> {
  const entries: Entry[] = [];
  try {
    for await (const entry of readRecording(file)) entries.push(entry);
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    return { entries, fault: error };
  }
  return { entries, fault: undefined };
}

export function textsOf(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry) => (entry.kind === 'frame' ? [entry.bytes.toString()] : []));
}

// How is compressed data read to its very last good byte, even where it breaks off or is damaged?
import { constants, createInflateRaw, type InflateRaw } from 'node:zlib';
import type { RecordFile } from './file.ts';
import { RecordError } from './record-error.ts';

export const PIECE_BYTES = 16_384;

interface Inflated {
  readonly chunks: readonly Buffer[];
  readonly state: 'more' | 'ended' | 'broken';
}

class Inflater {
  // Without the last flush a stream that breaks off would be an error that swallows what it had given so far.
  readonly #stream: InflateRaw = createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH });
  #chunks: Buffer[] = [];
  #settle: (state: Inflated['state']) => void = () => {};

  constructor() {
    this.#stream.on('data', (chunk: Buffer) => this.#chunks.push(chunk));
    this.#stream.on('end', () => this.#settle('ended'));
    this.#stream.on('error', () => this.#settle('broken'));
  }

  /** Compressed bytes that belonged to the stream. */
  get consumed(): number {
    return this.#stream.bytesWritten;
  }

  async write(piece: Buffer): Promise<Inflated> {
    const state = await new Promise<Inflated['state']>((resolve) => {
      this.#settle = resolve;
      this.#stream.write(piece, (error) => resolve(error ? 'broken' : 'more'));
    });
    const chunks = this.#chunks;
    this.#chunks = [];
    return { chunks, state };
  }

  close(): void {
    this.#stream.destroy();
  }
}

/** Yields what the deflate stream at `from` holds; returns the place behind it. */
export async function* inflateAt(file: RecordFile, from: number): AsyncGenerator<Buffer, number> {
  const inflater = new Inflater();
  let at = from;
  let delivered = 0;
  try {
    for (;;) {
      const piece = await file.read(at, PIECE_BYTES);
      if (piece.length === 0) throw endsEarly(file);
      const { chunks, state } = await inflater.write(piece);
      if (state === 'broken') break;
      for (const chunk of chunks) {
        delivered += chunk.length;
        yield chunk;
      }
      if (state === 'ended') return from + inflater.consumed;
      at += piece.length;
    }
  } finally {
    inflater.close();
  }
  const rest = await salvage(file, from, at, delivered);
  yield* rest.chunks;
  throw new RecordError('damaged', file.path, 'the compressed data is damaged', { byte: rest.brokeAt });
}

export function endsEarly(file: RecordFile): RecordError {
  const reason = 'ends early: it was cut off, or its writer was killed';
  return new RecordError('damaged', file.path, reason, { byte: file.size });
}

/**
 * zlib throws away what it had made of the piece in which it finds the damage. So the stream is read once more, that
 * piece byte by byte, and everything behind the first `skip` bytes is kept.
 */
async function salvage(
  file: RecordFile,
  from: number,
  brokenPiece: number,
  skip: number,
): Promise<{ chunks: Buffer[]; brokeAt: number }> {
  const inflater = new Inflater();
  const chunks: Buffer[] = [];
  let skipped = 0;
  let at = from;
  for (;;) {
    const piece = await file.read(at, at < brokenPiece ? PIECE_BYTES : 1);
    const inflated = await inflater.write(piece);
    if (inflated.state !== 'more') break;
    for (const chunk of inflated.chunks) {
      const fresh = chunk.subarray(Math.min(chunk.length, skip - skipped));
      skipped += chunk.length - fresh.length;
      if (fresh.length > 0) chunks.push(fresh);
    }
    at += piece.length;
  }
  inflater.close();
  return { chunks, brokeAt: at };
}

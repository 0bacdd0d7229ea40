// What waits for the storage thread, and what is dropped when too much waits? Bounded; market data is dropped first.
// `shedRank` states the order.
import type { Row, ShedRank, Table } from '../rows/rows.ts';
import { SHED_FIRST, SHED_NEVER, shedRank, zeroPerTable } from '../rows/rows.ts';

const QUEUE_ROWS_MAX = 100_000;
const QUEUE_BYTES_MAX = 64 << 20;

/** A statement has 2 s: deep snapshots go a few at a time. */
const BATCH_BYTES_MAX = 4 << 20;
const ROW_BYTES = 96;
const VALUE_BYTES = 16;

/** About what a value holds in memory. */
function bytesOf(value: unknown): number {
  if (typeof value === 'string') return VALUE_BYTES + value.length;
  if (typeof value !== 'object' || value === null) return VALUE_BYTES;
  let bytes = VALUE_BYTES;
  for (const inner of Object.values(value)) bytes += bytesOf(inner);
  return bytes;
}

interface Entry {
  readonly row: Row;
  readonly bytes: number;
}

/** First in, first out, without moving what stays. */
class Line {
  #entries: Entry[] = [];
  #head = 0;

  get size(): number {
    return this.#entries.length - this.#head;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  shift(): Entry | undefined {
    const entry = this.#entries[this.#head];
    if (entry === undefined) return undefined;
    this.#head++;
    if (this.#head >= 1_024 && this.#head * 2 >= this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return entry;
  }
}

export class RowQueue {
  readonly dropped: Record<Table, number> = zeroPerTable();
  readonly #rowsMax: number;
  readonly #bytesMax: number;
  /** One a rank. */
  readonly #lines = Array.from({ length: SHED_NEVER + 1 }, () => new Line());
  #bytes = 0;
  #inFlight: readonly Entry[] = [];

  constructor(rowsMax = QUEUE_ROWS_MAX, bytesMax = QUEUE_BYTES_MAX) {
    this.#rowsMax = rowsMax;
    this.#bytesMax = bytesMax;
  }

  /** With the batch that has been taken and is not settled yet. */
  get size(): number {
    return this.#lines.reduce((sum, line) => sum + line.size, this.#inFlight.length);
  }

  /** A row makes room for itself among its like and what goes before them; where there is none, it is refused. */
  push(row: Row): void {
    const entry = { row, bytes: ROW_BYTES + bytesOf(row) };
    const rank = shedRank(row);
    while (this.#isFull(entry.bytes)) {
      const shed = this.#shed(rank);
      if (shed === undefined) {
        this.dropped[row.table]++;
        return;
      }
      this.#bytes -= shed.bytes;
      this.dropped[shed.row.table]++;
    }
    this.#bytes += entry.bytes;
    (this.#lines[rank] as Line).push(entry);
  }

  /** The oldest of the lowest rank up to that one; what never goes makes room for nothing, not even for its like. */
  #shed(rank: ShedRank): Entry | undefined {
    for (let i = SHED_FIRST; i <= rank && i < SHED_NEVER; i++) {
      const entry = (this.#lines[i] as Line).shift();
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  #shift(): Entry | undefined {
    for (let i = SHED_NEVER; i >= SHED_FIRST; i--) {
      const entry = (this.#lines[i] as Line).shift();
      if (entry !== undefined) return entry;
    }
    return undefined;
  }

  #isFull(more: number): boolean {
    return this.size >= this.#rowsMax || this.#bytes + more > this.#bytesMax;
  }

  /** The next rows, those that go last first. They stay counted until `settle`, and are the same again until then. */
  take(rowsMax: number, bytesMax = BATCH_BYTES_MAX): readonly Row[] {
    if (this.#inFlight.length === 0) {
      const taken: Entry[] = [];
      for (let bytes = 0; taken.length < rowsMax && bytes < bytesMax;) {
        const entry = this.#shift();
        if (entry === undefined) break;
        bytes += entry.bytes;
        taken.push(entry);
      }
      this.#inFlight = taken;
    }
    return this.#inFlight.map((entry) => entry.row);
  }

  /** The batch taken last is in the database or in the spool. */
  settle(): void {
    for (const entry of this.#inFlight) this.#bytes -= entry.bytes;
    this.#inFlight = [];
  }
}

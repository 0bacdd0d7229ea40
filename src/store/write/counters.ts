// What has storage done so far? Counters in shared memory: the storage thread adds, main reads, nobody waits.
//   BigInt64  [0] connected  [1] rows in the spool  [2…] written, one a table  [2 + tables…] dropped, one a table
import type { Table } from '../rows/rows.ts';
import { TABLES, zeroPerTable } from '../rows/rows.ts';

const CONNECTED = 0;
const SPOOLED = 1;
const WRITTEN = 2;
const DROPPED = WRITTEN + TABLES.length;
const CELLS = DROPPED + TABLES.length;

export class Counters {
  readonly memory: SharedArrayBuffer;
  readonly #cells: BigInt64Array;

  constructor(memory = new SharedArrayBuffer(CELLS * 8)) {
    this.memory = memory;
    this.#cells = new BigInt64Array(memory);
  }

  get connected(): boolean {
    return Atomics.load(this.#cells, CONNECTED) === 1n;
  }

  set connected(is: boolean) {
    Atomics.store(this.#cells, CONNECTED, is ? 1n : 0n);
  }

  get spooled(): number {
    return Number(Atomics.load(this.#cells, SPOOLED));
  }

  set spooled(rows: number) {
    Atomics.store(this.#cells, SPOOLED, BigInt(rows));
  }

  addWritten(table: Table): void {
    this.#add(WRITTEN, table);
  }

  addDropped(table: Table): void {
    this.#add(DROPPED, table);
  }

  #add(from: number, table: Table): void {
    const at = TABLES.indexOf(table);
    // A spool may hold rows of a newer version's tables: they have no cell here.
    if (at >= 0) Atomics.add(this.#cells, from + at, 1n);
  }

  written(): Record<Table, number> {
    return this.#perTable(WRITTEN);
  }

  dropped(): Record<Table, number> {
    return this.#perTable(DROPPED);
  }

  #perTable(from: number): Record<Table, number> {
    const counts = zeroPerTable();
    TABLES.forEach((table, i) => {
      counts[table] = Number(Atomics.load(this.#cells, from + i));
    });
    return counts;
  }
}

// What is on the engine's disk? Journal lines in the real encoding, on the platter only after a delay; a crash loses the rest.
import type { Ms } from '../../src/lib/brand.ts';
import type { Rng } from '../../src/lib/rng.ts';
import { decodeRecord, encodeRecord, type JournalRecord, type JournalState, replay } from '../../src/order/journal.ts';
import type { LifeClock } from './life-clock.ts';

interface Written {
  readonly seq: number;
  readonly line: string;
}

export interface DiskListener {
  synced(upTo: number): void;
  status(writable: boolean, freeBytes: number): void;
}

const GROUP_MS = 50;
const ROOM_BYTES = 2 ** 35;

/** Survives the lives of the engine; one folder, one instance. */
export class Disk {
  readonly instance: string;
  epoch = 0;
  isKilled = false;
  /** Wall times at which a start found that the run before had not ended. */
  crashes: Ms[] = [];
  records = 0;
  torn = 0;
  /** A power loss has taken the last lines: what belongs together may have been parted. */
  hasLost = false;
  syncMsMax = 4;
  /** Nothing can be written, or a sync has failed; until it is repaired. */
  isBroken = false;
  readonly #rng: Rng;
  #durable: Written[] = [];
  readonly #seqs = new Set<number>();
  #pending: Written[] = [];
  #isSyncing = false;
  #clock: LifeClock | undefined;
  #listener: DiskListener | undefined;

  constructor(instance: string, rng: Rng) {
    this.instance = instance;
    this.#rng = rng;
  }

  open(clock: LifeClock, listener: DiskListener): void {
    this.#clock = clock;
    this.#listener = listener;
    this.#isSyncing = false;
    this.#pending = [];
  }

  status(): void {
    this.#listener?.status(!this.isBroken, ROOM_BYTES);
  }

  get syncedTo(): number {
    return this.#durable.at(-1)?.seq ?? 0;
  }

  isDurable(seq: number): boolean {
    return this.#seqs.has(seq);
  }

  /** What a start finds. */
  recovered(): JournalState {
    return replay(
      this.#durable.flatMap(({ line }) => {
        const decoded = decodeRecord(line);
        return decoded.ok ? [decoded.record] : [];
      }),
    );
  }

  append(record: JournalRecord, sync: boolean): void {
    this.records++;
    if (this.isBroken) return;
    this.#pending.push({ seq: record.seq, line: encodeRecord(record) });
    if (record.kind === 'CHECKPOINT') this.#durable = this.#durable.slice(-2_000);
    if (sync) this.#sync(1 + this.#rng.below(this.syncMsMax));
    else if (!this.#isSyncing) this.#sync(GROUP_MS);
  }

  /** The volume fails, or a sync does: what was pending is lost, and nothing more is taken. */
  fail(): void {
    this.isBroken = true;
    this.#pending = [];
    this.status();
  }

  repair(): void {
    this.isBroken = false;
    this.status();
  }

  /** Power is lost: of what was not synced any number of lines may have come through, the last of them torn. */
  crash(): void {
    const kept = this.#rng.below(this.#pending.length + 1);
    this.#keep(this.#pending.slice(0, kept));
    this.hasLost ||= kept < this.#pending.length;
    if (kept < this.#pending.length && this.#rng.below(2) === 0) this.torn++;
    this.#pending = [];
    this.#listener = undefined;
  }

  /** The directory is gone: another host begins, with what is brought along. */
  wiped(instance: string, ...records: readonly JournalRecord[]): Disk {
    const disk = new Disk(instance, this.#rng);
    disk.#keep(records.map((record) => ({ seq: record.seq, line: encodeRecord(record) })));
    return disk;
  }

  #keep(written: readonly Written[]): void {
    for (const one of written) {
      this.#durable.push(one);
      this.#seqs.add(one.seq);
    }
  }

  #sync(ms: number): void {
    this.#isSyncing = true;
    this.#clock?.after(ms as Ms, () => {
      this.#isSyncing = false;
      if (this.isBroken || this.#pending.length === 0) return;
      this.#keep(this.#pending.splice(0));
      this.#listener?.synced(this.syncedTo);
    });
  }
}

// Who stands where at one price? Anonymous size and clients' orders in the order of their arrival.
import { assert } from '../lib/assert.ts';

/** A client's order as the book knows it. */
export interface Owner {
  readonly id: string;
}

interface Segment {
  /** Undefined for ordinary participants. */
  readonly owner: Owner | undefined;
  lots: number;
}

export class LevelQueue {
  /** Lots of clients' orders. */
  clients = 0;
  readonly #segments: Segment[] = [];

  constructor(anonymous: number) {
    if (anonymous > 0) this.#segments.push({ owner: undefined, lots: anonymous });
  }

  get front(): Segment {
    const [first] = this.#segments;
    assert(first !== undefined, 'a queue has somebody in front');
    return first;
  }

  join(owner: Owner, lots: number): void {
    this.#segments.push({ owner, lots });
    this.clients += lots;
  }

  leave(owner: Owner, lots: number): void {
    const index = this.#segments.findIndex((segment) => segment.owner === owner);
    const segment = this.#segments[index];
    assert(segment !== undefined && segment.lots >= lots, 'a client withdraws what he has');
    this.#shrink(index, segment, lots);
    this.clients -= lots;
  }

  consume(lots: number): Owner | undefined {
    const { front } = this;
    assert(front.lots >= lots, 'a taker is filled by what stands first');
    this.#shrink(0, front, lots);
    if (front.owner !== undefined) this.clients -= lots;
    return front.owner;
  }

  /** What is new joins at the back; what is cancelled was the last to come. */
  setAnonymous(lots: number): void {
    let surplus = -lots;
    for (const segment of this.#segments) if (segment.owner === undefined) surplus += segment.lots;
    for (let i = this.#segments.length - 1; surplus > 0; i--) {
      const segment = this.#segments[i] as Segment;
      if (segment.owner !== undefined) continue;
      const gone = Math.min(surplus, segment.lots);
      this.#shrink(i, segment, gone);
      surplus -= gone;
    }
    if (surplus === 0) return;
    const last = this.#segments.at(-1);
    if (last !== undefined && last.owner === undefined) last.lots -= surplus;
    else this.#segments.push({ owner: undefined, lots: -surplus });
  }

  #shrink(index: number, segment: Segment, lots: number): void {
    segment.lots -= lots;
    if (segment.lots === 0) this.#segments.splice(index, 1);
  }
}

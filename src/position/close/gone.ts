// Is nothing of ours left? Only the exchange says so, and it says it twice: in two reads, or in one and in its stream.
import type { Ms } from '../../lib/brand.ts';

const READ_EVERY_MS = 300;
const SLOW_EVERY_MS = 1_000;

export class GoneEvidence {
  #reads = 0;
  #streamed = false;
  #askedAt: Ms | undefined;
  #asked = 0;

  /** The newest word about the size shows something of ours. */
  reset(): void {
    this.#reads = 0;
    this.#streamed = false;
    this.#askedAt = undefined;
    this.#asked = 0;
  }

  /** The newest word about the size shows nothing of ours. */
  add(source: 'read' | 'stream'): void {
    if (source === 'read') this.#reads++;
    else this.#streamed = true;
  }

  get isComplete(): boolean {
    return this.#reads >= 2 || (this.#reads >= 1 && this.#streamed);
  }

  /** Should the position be read now? Answers yes once per interval. */
  wantsRead(now: Ms): boolean {
    const pause = this.#asked < 10 ? READ_EVERY_MS : SLOW_EVERY_MS;
    if (this.isComplete || (this.#askedAt !== undefined && now - this.#askedAt < pause)) return false;
    this.#askedAt = now;
    this.#asked++;
    return true;
  }
}

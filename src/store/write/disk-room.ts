// Is there room on the disk? Below a floor only rows that cannot be recovered are written.
import { statfsSync } from 'node:fs';

/** Once low, it is enough again only when so much more is free: or each row that is let go would end it. */
const RELIEF = 1.1;

export class DiskRoom {
  readonly #free: () => number;
  readonly #bytesMin: number;
  #isLow = false;

  constructor(bytesMin: number, free: () => number) {
    this.#bytesMin = bytesMin;
    this.#free = free;
  }

  /** Asks the disk. */
  look(): { readonly isLow: boolean; readonly isNews: boolean; readonly free: number } {
    const free = this.#free();
    const isLow = free < this.#bytesMin * (this.#isLow ? RELIEF : 1);
    const isNews = isLow !== this.#isLow;
    this.#isLow = isLow;
    return { isLow, isNews, free };
  }
}

/** Bytes that an account without privileges may still write where `dir` is. */
export function freeBytes(dir: string): number {
  const { bavail, bsize } = statfsSync(dir);
  return bavail * bsize;
}

// How does a frame become bytes? Written once per topic into one buffer, without strings for numbers.
// hot: per published frame; budget 3 µs for twelve levels; allocates the frame itself and nothing else.
import { formatDecimal } from '../market/decimal.ts';

const ZERO = 48;
const POINT = 46;
const SMALL = 1_000_000_000;

/** A frame as it goes out, to every subscriber alike. */
export interface Frame {
  readonly topic: string;
  readonly symbol: string;
  /** 1, 50, 200, 1000; 0 for a topic that is no book. */
  readonly depth: number;
  readonly kind: 'snapshot' | 'delta' | 'trade' | 'ticker' | 'side';
  readonly bytes: Buffer;
}

export class FrameWriter {
  #buffer = Buffer.allocUnsafe(1 << 17);
  #at = 0;

  text(text: string): this {
    if (this.#at + text.length + 64 > this.#buffer.length) this.#grow(text.length);
    this.#at += this.#buffer.write(text, this.#at, 'latin1');
    return this;
  }

  byte(code: number): this {
    this.#buffer[this.#at++] = code;
    return this;
  }

  /** An exact integer with `decimals` digits behind the point. */
  scaled(mantissa: number, decimals: number): this {
    if (this.#at + 64 > this.#buffer.length) this.#grow(64);
    if (mantissa >= SMALL) return this.text(formatDecimal(mantissa, decimals));
    const buffer = this.#buffer;
    let digits = 1;
    for (let bound = 10; bound <= mantissa && digits < 9; bound *= 10) digits++;
    if (digits <= decimals) digits = decimals + 1;
    const length = digits + (decimals > 0 ? 1 : 0);
    let at = this.#at + length - 1;
    let rest = mantissa | 0;
    for (let i = 0; i < digits; i++) {
      if (i === decimals && decimals > 0) buffer[at--] = POINT;
      const tens = (rest / 10) | 0;
      buffer[at--] = ZERO + rest - tens * 10;
      rest = tens;
    }
    this.#at += length;
    return this;
  }

  /** The bytes written since the last call, as a buffer of their own. */
  take(): Buffer {
    const bytes = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    return bytes;
  }

  #grow(atLeast: number): void {
    const larger = Buffer.allocUnsafe(this.#buffer.length * 2 + atLeast);
    this.#buffer.copy(larger, 0, 0, this.#at);
    this.#buffer = larger;
  }
}

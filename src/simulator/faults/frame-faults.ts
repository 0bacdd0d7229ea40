// What can go wrong on the way to a subscriber? Frames that are lost, doubled, swapped, cut or spoilt.
import type { Frame } from '../frame-writer.ts';

export type FrameFault =
  | 'drop-delta'
  | 'duplicate-delta'
  | 'reorder-deltas'
  | 'truncate-frame'
  | 'crossed-book'
  | 'corrupt-number'
  | 'off-grid';

interface Armed {
  readonly kind: FrameFault;
  readonly symbol: string | undefined;
  readonly depth: number | undefined;
  left: number;
}

interface BookFrame {
  data: { b: [string, string][]; a: [string, string][] };
}

export class FrameFaults {
  #armed: Armed[] = [];
  readonly #late = new Map<string, Buffer>();
  readonly #bidThrough: (symbol: string, depth: number) => [string, string];

  /** `bidThrough` makes a level beyond the best ask that subscribers of a depth know. */
  constructor(bidThrough: (symbol: string, depth: number) => [string, string]) {
    this.#bidThrough = bidThrough;
  }

  /** The next `count` book deltas that fit suffer it. */
  arm(kind: FrameFault, symbol: string | undefined, depth: number | undefined, count: number): void {
    this.#armed.push({ kind, symbol, depth, left: count });
  }

  /** How many are still to come. */
  get pending(): number {
    return this.#armed.reduce((sum, fault) => sum + fault.left, 0) + this.#late.size;
  }

  clear(): void {
    this.#armed = [];
    this.#late.clear();
  }

  /** What goes out in place of this frame. */
  pass(frame: Frame): readonly Buffer[] {
    if (frame.kind !== 'delta' || (this.#armed.length === 0 && this.#late.size === 0)) return [frame.bytes];
    const late = this.#late.get(frame.topic);
    if (late !== undefined) {
      this.#late.delete(frame.topic);
      return [frame.bytes, late];
    }
    const fault = this.#armed.find(
      ({ symbol, depth }) => (symbol ?? frame.symbol) === frame.symbol && (depth ?? frame.depth) === frame.depth,
    );
    if (fault === undefined) return [frame.bytes];
    const out = this.#spoil(fault.kind, frame);
    fault.left--;
    this.#armed = this.#armed.filter(({ left }) => left > 0);
    return out;
  }

  #spoil(kind: FrameFault, frame: Frame): readonly Buffer[] {
    const { bytes, topic } = frame;
    if (kind === 'drop-delta') return [];
    if (kind === 'duplicate-delta') return [bytes, bytes];
    if (kind === 'truncate-frame') return [bytes.subarray(0, Math.floor(bytes.length * 0.6))];
    if (kind === 'reorder-deltas') {
      this.#late.set(topic, bytes);
      return [];
    }
    const message = JSON.parse(bytes.toString('latin1')) as BookFrame;
    const { b, a } = message.data;
    if (kind === 'crossed-book') {
      const through = this.#bidThrough(frame.symbol, frame.depth);
      message.data.b = [through, ...b.filter(([price]) => price !== through[0])];
    } else {
      const level = (b[0] ?? a[0]) as [string, string];
      if (kind === 'corrupt-number') level[1] = '1e5';
      else level[0] = level[0].includes('.') ? `${level[0]}5` : `${level[0]}.5`;
    }
    return [Buffer.from(JSON.stringify(message), 'latin1')];
  }
}

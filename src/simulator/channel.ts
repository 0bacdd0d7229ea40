// What happens to a text on its way between a client and the exchange? Pure: a text in, texts with due times out.
//
// `in` is from the client to the exchange. Whoever moves texts (the sockets, the HTTP door, a campaign in one process) passes
// each through the channel of its connection and delivers what comes out when it is due; the gateway itself knows nothing of it.
// A REST request is the text `METHOD /path` + newline + body, its answer the body. All connections of one kind share the
// troubles that were ordered for it.
import type { Rng } from '../lib/rng.ts';

export const CHANNEL_KINDS = ['public', 'private', 'trade', 'rest'] as const;
export type ChannelKind = (typeof CHANNEL_KINDS)[number];
export type Direction = 'in' | 'out';

export interface Late {
  readonly text: string;
  readonly dueMs: number;
}

export interface Channel {
  pass(direction: Direction, text: string, nowMs: number): readonly Late[];
  /** Nothing is ordered and nothing waits: a text may go its way without being looked at. */
  idle(direction: Direction, nowMs: number): boolean;
}

export type Trouble = 'drop' | 'delay' | 'duplicate' | 'reorder' | 'truncate' | 'freeze';

export interface TroubleOrder {
  readonly trouble: Trouble;
  readonly kind: ChannelKind;
  readonly direction: Direction;
  /** How many texts suffer it. */
  readonly count: number;
  /** How long a delay is, or a freeze lasts. */
  readonly ms?: number;
  /** Which texts: those that hold this; undefined for any. */
  readonly holds?: string | undefined;
  /** Of ten thousand fitting texts so many suffer it; all where it is left out. */
  readonly perTenThousand?: number;
}

interface Armed {
  readonly order: TroubleOrder;
  left: number;
  /** Of a freeze: until when. */
  readonly untilMs: number;
}

const TRUNCATED_PART = 0.6;

export class Troubles {
  readonly #rng: Rng;
  #armed: Armed[] = [];

  constructor(rng: Rng) {
    this.#rng = rng;
  }

  arm(order: TroubleOrder, nowMs: number): void {
    this.#armed.push({
      order,
      left: order.count,
      untilMs: order.trouble === 'freeze' ? nowMs + (order.ms ?? 0) : Infinity,
    });
  }

  clear(): void {
    this.#armed = [];
  }

  /** How many texts are still to suffer; a freeze counts as one while it lasts. */
  pending(nowMs: number): number {
    this.#expire(nowMs);
    return this.#armed.reduce((sum, { order, left }) => sum + (order.trouble === 'freeze' ? 1 : left), 0);
  }

  channel(kind: ChannelKind): Channel {
    return new Line(kind, this);
  }

  /** Nothing at all is ordered. */
  get none(): boolean {
    return this.#armed.length === 0;
  }

  /** What this text suffers, if anything; a freeze goes before all else. */
  take(kind: ChannelKind, direction: Direction, text: string, nowMs: number): Armed | undefined {
    if (this.#armed.length === 0) return undefined;
    this.#expire(nowMs);
    const fits = this.#armed.filter(
      ({ order: { kind: of, direction: way, holds, perTenThousand = 10_000 } }) =>
        of === kind &&
        way === direction &&
        (holds === undefined || text.includes(holds)) &&
        (perTenThousand >= 10_000 || this.#rng.below(10_000) < perTenThousand),
    );
    const chosen = fits.find(({ order }) => order.trouble === 'freeze') ?? fits[0];
    if (chosen === undefined || chosen.order.trouble === 'freeze') return chosen;
    chosen.left--;
    if (chosen.left === 0) this.#armed = this.#armed.filter((armed) => armed !== chosen);
    return chosen;
  }

  #expire(nowMs: number): void {
    this.#armed = this.#armed.filter(({ untilMs }) => nowMs < untilMs);
  }
}

/** One connection. Texts keep their order: what follows a delayed text waits behind it. Requests over REST pass one another. */
class Line implements Channel {
  readonly #kind: ChannelKind;
  readonly #troubles: Troubles;
  readonly #lastMs: Record<Direction, number> = { in: 0, out: 0 };
  readonly #held: Partial<Record<Direction, string>> = {};

  constructor(kind: ChannelKind, troubles: Troubles) {
    this.#kind = kind;
    this.#troubles = troubles;
  }

  idle(direction: Direction, nowMs: number): boolean {
    return this.#troubles.none && this.#held[direction] === undefined && this.#lastMs[direction] < nowMs;
  }

  pass(direction: Direction, text: string, nowMs: number): readonly Late[] {
    const suffered = this.#troubles.take(this.#kind, direction, text, nowMs);
    const trouble = suffered?.order.trouble;
    const held = this.#held[direction];
    if (trouble === 'reorder' && held === undefined) {
      this.#held[direction] = text;
      return [];
    }
    delete this.#held[direction];
    const behind = held === undefined ? [] : [held];
    if (trouble === 'drop') return this.#due(direction, behind, nowMs);
    if (trouble === 'duplicate') return this.#due(direction, [text, text, ...behind], nowMs);
    if (trouble === 'truncate')
      return this.#due(direction, [text.slice(0, Math.floor(text.length * TRUNCATED_PART)), ...behind], nowMs);
    if (trouble === 'delay') return this.#due(direction, [text, ...behind], nowMs + (suffered?.order.ms ?? 0));
    if (trouble === 'freeze') return this.#due(direction, [text, ...behind], suffered?.untilMs ?? nowMs);
    return this.#due(direction, [text, ...behind], nowMs);
  }

  #due(direction: Direction, texts: readonly string[], dueMs: number): readonly Late[] {
    const at = this.#kind === 'rest' ? dueMs : Math.max(dueMs, this.#lastMs[direction]);
    this.#lastMs[direction] = at;
    return texts.map((text) => ({ text, dueMs: at }));
  }
}

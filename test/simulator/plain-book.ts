// What does a subscriber make of the frames? A plain map of price texts, rebuilt by JSON.parse; an oracle for tests.

export interface BookMessage {
  readonly topic: string;
  readonly type: 'snapshot' | 'delta';
  readonly ts: number;
  readonly cts: number;
  readonly data: {
    readonly s: string;
    readonly b: [string, string][];
    readonly a: [string, string][];
    readonly u: number;
    readonly seq: number;
  };
}

export interface TradeMessage {
  readonly topic: string;
  readonly ts: number;
  readonly data: {
    readonly T: number;
    readonly S: 'Buy' | 'Sell';
    readonly v: string;
    readonly p: string;
    readonly BT: boolean;
    readonly RPI: boolean;
    readonly seq: number;
  }[];
}

export class PlainBook {
  readonly bids = new Map<string, string>();
  readonly asks = new Map<string, string>();
  u = 0;
  seq = 0;
  cts = 0;
  /** What no message of the exchange may do. */
  readonly complaints: string[] = [];

  apply(message: BookMessage): void {
    const { type, data, cts, ts } = message;
    if (type === 'snapshot') {
      this.bids.clear();
      this.asks.clear();
    } else if (data.u !== this.u + 1) {
      this.complaints.push(`u ${this.u} → ${data.u}`);
    }
    if (data.seq < this.seq || cts < this.cts || cts > ts) this.complaints.push(`seq or cts went back at u ${data.u}`);
    this.u = data.u;
    this.seq = data.seq;
    this.cts = cts;
    this.#side(this.bids, data.b, type, -1);
    this.#side(this.asks, data.a, type, 1);
  }

  get bestBid(): number {
    return Math.max(...[...this.bids.keys()].map(Number));
  }

  get bestAsk(): number {
    return Math.min(...[...this.asks.keys()].map(Number));
  }

  /** As the exchange prints a window: touch first. */
  levels(): { b: [string, string][]; a: [string, string][] } {
    return {
      b: [...this.bids].toSorted(([x], [y]) => Number(y) - Number(x)),
      a: [...this.asks].toSorted(([x], [y]) => Number(x) - Number(y)),
    };
  }

  #side(levels: Map<string, string>, changes: readonly [string, string][], type: string, direction: number): void {
    let last: number | undefined;
    for (const [price, size] of changes) {
      if (last !== undefined && (Number(price) - last) * direction <= 0) this.complaints.push(`not sorted at ${price}`);
      last = Number(price);
      const was = levels.get(price);
      if (size === '0') {
        if (was === undefined || type === 'snapshot') this.complaints.push(`removes absent ${price}`);
        levels.delete(price);
      } else {
        if (was === size) this.complaints.push(`repeats ${price}`);
        levels.set(price, size);
      }
    }
  }
}

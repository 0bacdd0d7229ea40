// What did the exchange itself have at any moment? Its ledger, line by line: positions, their stops, orders, executions.
import type { LedgerLine } from '../../src/simulator/ledger/ledger.ts';

interface Naked {
  readonly symbol: string;
  readonly fromMs: number;
  /** Undefined: still. */
  toMs: number | undefined;
}

export interface Execution {
  readonly id: string;
  readonly symbol: string;
  readonly linkId: string;
  readonly type: string;
  readonly side: 'Buy' | 'Sell';
  readonly price: string;
  readonly size: string;
  readonly fee: string;
  readonly value: string;
  readonly timeMs: number;
}

export interface Moment {
  /** Signed sizes of what was open. */
  readonly positions: ReadonlyMap<string, string>;
  /** Orders of entry that the exchange had and had not ended. */
  readonly entries: number;
}

const OVER: ReadonlySet<string> = new Set([
  'Filled',
  'Cancelled',
  'Rejected',
  'PartiallyFilledCanceled',
  'Deactivated',
]);

const isEntry = (linkId: string): boolean => /^d1-.*-E$/.test(linkId);

/** Of one account. */
export class Truth {
  readonly executions: Execution[] = [];
  /** Every time in which something was open and no stop stood. */
  readonly naked: Naked[] = [];
  readonly #uid: number;
  readonly #positions = new Map<string, string>();
  readonly #stops = new Set<string>();
  readonly #orders = new Map<string, { readonly isEntry: boolean; readonly isStop: boolean; isOver: boolean }>();
  readonly #entries: { readonly linkId: string; readonly atMs: number }[] = [];

  constructor(uid: number) {
    this.#uid = uid;
  }

  get positions(): ReadonlyMap<string, string> {
    return this.#positions;
  }

  /** Orders that rest, those of the stops left out. */
  get orphans(): number {
    return [...this.#orders.values()].filter(({ isOver, isStop }) => !isOver && !isStop).length;
  }

  get nakedNow(): readonly string[] {
    return this.naked.filter(({ toMs }) => toMs === undefined).map(({ symbol }) => symbol);
  }

  now(): Moment {
    const entries = [...this.#orders.values()].filter((order) => order.isEntry && !order.isOver).length;
    return { positions: new Map(this.#positions), entries };
  }

  /** Did an entry reach the exchange from then on? One that had left before may. */
  hasEntrySince(wallMs: number): boolean {
    return this.entriesBetween(wallMs, Infinity).length > 0;
  }

  /** Link ids. */
  entriesBetween(fromMs: number, toMs: number): readonly string[] {
    return this.#entries.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ linkId }) => linkId);
  }

  hear(line: LedgerLine): void {
    if (line['uid'] !== this.#uid) return;
    const { timeMs } = line;
    const symbol = line['symbol'] as string;
    switch (line.kind) {
      case 'order':
        this.#order(line);
        return;
      case 'fill':
        this.executions.push(line as unknown as Execution);
        return;
      case 'position': {
        const size = line['size'] as string;
        if (Number(size) === 0) this.#positions.delete(symbol);
        else this.#positions.set(symbol, size);
        // Its stop is told right after it, where it is another than before.
        return this.#judge(symbol, timeMs);
      }
      case 'stop':
        if (line['stopLoss'] === null) this.#stops.delete(symbol);
        else this.#stops.add(symbol);
        return this.#judge(symbol, timeMs);
      default:
    }
  }

  #order(line: LedgerLine): void {
    const id = line['id'] as string;
    const isOver = OVER.has(line['status'] as string);
    const known = this.#orders.get(id);
    if (known !== undefined) {
      known.isOver = isOver;
      return;
    }
    const linkId = line['linkId'] as string;
    const entry = isEntry(linkId);
    if (entry) this.#entries.push({ linkId, atMs: line.timeMs });
    this.#orders.set(id, { isEntry: entry, isStop: line['stopOrderType'] !== '', isOver });
  }

  #judge(symbol: string, timeMs: number): void {
    const isNaked = this.#positions.has(symbol) && !this.#stops.has(symbol);
    const last = this.naked.findLastIndex((one) => one.symbol === symbol && one.toMs === undefined);
    const standing = this.naked[last];
    if (isNaked && standing === undefined) this.naked.push({ symbol, fromMs: timeMs, toMs: undefined });
    if (isNaked || standing === undefined) return;
    if (standing.fromMs === timeMs) this.naked.splice(last, 1);
    else standing.toMs = timeMs;
  }
}

// Which messages does an account get for what happened to it, under which ids, and when?
import { getOrInsert } from '../../lib/get-or-insert.ts';
import type { Rng } from '../../lib/rng.ts';
import type { Account, VenueEvent } from '../venue/model.ts';
import { fastExecutionRow, streamExecutionRow } from './execution-row.ts';
import { uuidFrom } from './identity.ts';
import { streamOrderRow } from './order-row.ts';
import { streamPositionRow } from './position-row.ts';
import { streamCoinRow, streamWalletRow } from './wallet-row.ts';
import type { WireVariants } from './wire-variants.ts';

export type MessageKind = 'execution.fast' | 'execution' | 'order' | 'position' | 'wallet';

export interface PrivateMessage {
  readonly uid: number;
  readonly kind: MessageKind;
  readonly id: string;
  readonly creationMs: number;
  readonly dueMs: number;
  /** The data, printed: it stands as it was when it happened. */
  readonly rows: readonly object[];
}

/** The name of a message's topic is the subscriber's: `order` or `order.linear`. */
export function messageText({ kind, id, creationMs, rows }: PrivateMessage, topic: string): string {
  const rest = { creationTime: creationMs, data: rows };
  if (kind === 'execution.fast') return JSON.stringify({ topic, ...rest });
  return JSON.stringify(kind === 'position' || kind === 'wallet' ? { id, topic, ...rest } : { topic, id, ...rest });
}

/** Events of one kind that are sent at once. */
interface Draft {
  readonly kind: MessageKind;
  readonly symbol: string;
  readonly rows: object[];
}

/** All that the exchange sends at once to one account. */
interface Group {
  readonly uid: number;
  readonly seq: number;
  readonly timeMs: number;
  readonly drafts: Draft[];
  /** Events of matching share one id; a stop that is only set or moved has one of its own. */
  matched: boolean;
}

const SHUFFLE_MS = 30;

export class PrivateMessages {
  readonly #rng: Rng;
  readonly #variants: WireVariants;
  readonly #accountOf: (uid: number) => Account | undefined;
  readonly #groups = new Map<string, Group>();
  /** When each account got its last message: recordings show no message overtaking another. */
  readonly #lastMs = new Map<number, number>();

  constructor(rng: Rng, variants: WireVariants, accountOf: (uid: number) => Account | undefined) {
    this.#rng = rng;
    this.#variants = variants;
    this.#accountOf = accountOf;
  }

  add(event: VenueEvent): void {
    const { uid, seq, timeMs } = event;
    const name = `${uid} ${event.group}`;
    const group = getOrInsert(this.#groups, name, () => ({ uid, seq, timeMs, drafts: [], matched: false }));
    switch (event.kind) {
      case 'execution':
        group.matched = true;
        if (event.execution.type === 'Trade')
          this.#draft(group, 'execution.fast', event.execution.instrument.symbol, fastExecutionRow(event.execution));
        return this.#draft(group, 'execution', event.execution.instrument.symbol, streamExecutionRow(event.execution));
      case 'order':
        group.matched ||= event.order.status !== 'Untriggered';
        return this.#draft(group, 'order', event.order.instrument.symbol, streamOrderRow(event.order));
      case 'position':
        return this.#draft(group, 'position', event.position.instrument.symbol, streamPositionRow(event.position));
      case 'wallet': {
        const { wallet } = event;
        const marginMode = this.#accountOf(uid)?.marginMode ?? 'ISOLATED_MARGIN';
        const view = { wallet, marginMode, noTotal: this.#variants.isolatedTotals, coins: [streamCoinRow(wallet)] };
        return this.#draft(group, 'wallet', '', streamWalletRow(view));
      }
    }
  }

  /** Everything added since the last time, as messages. */
  take(): PrivateMessage[] {
    const messages = [...this.#groups.values()].flatMap((group) => this.#messages(group));
    this.#groups.clear();
    return messages;
  }

  #draft(group: Group, kind: MessageKind, symbol: string, row: object): void {
    const draft = group.drafts.find((other) => other.kind === kind && other.symbol === symbol);
    if (draft === undefined) group.drafts.push({ kind, symbol, rows: [row] });
    else draft.rows.push(row);
  }

  /** As recorded: fast fills, then fills and orders at once, then position and wallet at once, all within 8 ms. */
  #messages({ uid, seq, timeMs, drafts, matched }: Group): PrivateMessage[] {
    const last = this.#lastMs.get(uid) ?? 0;
    const fast = Math.max(last, timeMs + 1);
    const trade = Math.max(last, timeMs + 2 + this.#rng.below(3));
    const account = Math.max(trade, timeMs + 3 + this.#rng.below(6));
    const own = uuidFrom(this.#rng);
    const ordered = [...drafts].sort((a, b) => STAGE[a.kind] - STAGE[b.kind]);
    const messages = ordered.map(({ kind, symbol, rows }) => {
      const creationMs = [fast, trade, account][STAGE[kind]] as number;
      const shuffled = this.#variants.delivery === 'shuffled' ? this.#rng.below(SHUFFLE_MS) : 0;
      const id = STAGE[kind] === 2 ? `${uid}_${kind}_${creationMs}` : matched ? `${uid}_${symbol}_${seq}` : own;
      return { uid, kind, id, creationMs, dueMs: creationMs + shuffled, rows };
    });
    this.#lastMs.set(uid, messages.at(-1)?.creationMs ?? last);
    return messages;
  }
}

const STAGE: Readonly<Record<MessageKind, number>> = {
  'execution.fast': 0,
  execution: 1,
  order: 1,
  position: 2,
  wallet: 2,
};

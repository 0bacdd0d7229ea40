// What does the desk look like from outside? A copy of its state, for operators and for storage.
import type { Ms } from '../lib/brand.ts';
import type { Instrument } from '../market/instrument.ts';
import type { Money } from '../market/money.ts';
import { isOnStep, sizeOf, type Size } from '../market/size.ts';
import type { WalletReport } from '../order/words.ts';
import { exposureOf } from '../risk/exposure.ts';
import { limitsOf } from '../risk/limits.ts';
import type { Block, Mode } from '../risk/mode.ts';
import { entryCounts, rateReached } from '../risk/rates.ts';
import type { Actor } from './actor.ts';
import type { Average } from './watch/breakeven.ts';
import type { Core } from './core.ts';
import type { PositionState } from './state.ts';
import type { Trade } from './trade/trade.ts';

/** No block of the mode: it ends with the oldest entry that counts, and comes back with the next (G23). */
const ENTRY_RATE = 'risk.entry_rate';

export interface PositionStatus {
  readonly symbol: string;
  readonly state: PositionState;
  /** Signed lots, of an odd rest the nearest. */
  readonly ours: number;
  readonly foreign: number;
  /** Where one of them lies between two steps: what they are the nearest of. */
  readonly exact?: { readonly ours: Size; readonly foreign: Size } | undefined;
  readonly trade: Trade | undefined;
  readonly entry: string | undefined;
  readonly nakedSince: Ms | undefined;
  /** For how long it has been open, by the exchange's time, which its executions are dated by. */
  readonly heldMs: number | undefined;
  readonly instrument: Instrument;
  /** Of what is ours and still open. */
  readonly average: Average | undefined;
}

export interface DeskStatus {
  readonly mode: Mode;
  readonly latch: string | undefined;
  readonly isKilled: boolean;
  /** Every reason for which nothing is entered. */
  readonly blocks: readonly string[];
  readonly reconciledAt: Ms | undefined;
  readonly positions: readonly PositionStatus[];
  /** Symbols of which only the journal says that something of ours is there, or may be: nobody can say that they are flat. */
  readonly unread: readonly string[];
  readonly wallet: WalletReport | undefined;
}

/** The account as a whole, for display. */
export interface DeskAccount {
  readonly blocks: ReadonlyMap<string, Block>;
  /** Realised since 00:00 UTC, after fees and funding; of what is open all that parts of it have brought (G21). */
  readonly dayProfit: Money;
  /** Of all that is open, pending or somebody else's. */
  readonly exposure: Money;
  /** `rest`, `trade`, `private`: is the link up? */
  readonly links: Readonly<Record<string, boolean>>;
  readonly ordersSent: number;
  /** Answers to orders that were not `accepted`, by class; `reported`: rejected by a report, after the answer. */
  readonly orderRefusals: Readonly<Record<string, number>>;
  readonly journalRecords: number;
}

export function statusOf(core: Core, all: readonly Actor[], unread: readonly string[]): DeskStatus {
  const { guard, reconciledAt, wallet } = core;
  const { mode, isKilled } = guard;
  const shown = all.filter((actor) => !actor.isIdle || actor.state !== 'flat');
  return {
    mode: mode.mode,
    latch: mode.latch?.reason,
    isKilled,
    reconciledAt,
    wallet: wallet?.report,
    blocks: [...reasonsOf(core).keys()],
    positions: shown.map((actor) => positionStatus(actor, core.serverMs)),
    unread,
  };
}

/** Why nothing is entered: who watches takes a limit of entries that is reached for an engine that stands idle. */
function reasonsOf({ guard, now, options }: Core): ReadonlyMap<string, Block> {
  const { mode, rates } = guard;
  const reached = rateReached(entryCounts(rates, now.mono), limitsOf(options.settings()));
  if (reached === undefined) return mode.blocks;
  return new Map(mode.blocks).set(ENTRY_RATE, { since: rates.sent.at(-1) ?? now.mono, sticky: false });
}

/** Signed, exact. */
export function heldSizes({ ours, foreign, exact, instrument }: PositionStatus): NonNullable<PositionStatus['exact']> {
  return exact ?? { ours: sizeOf(ours, instrument), foreign: sizeOf(foreign, instrument) };
}

function positionStatus(actor: Actor, serverMs: Ms): PositionStatus {
  const { symbol, state, holding, trade, orders, nakedSince, ledger } = actor;
  const { instrument } = ledger.contract;
  const { ours, foreign, exactOurs, exactForeign } = holding;
  const isOdd = !isOnStep(exactOurs, instrument) || !isOnStep(exactForeign, instrument);
  return {
    symbol,
    state,
    ours,
    foreign,
    exact: isOdd ? { ours: exactOurs, foreign: exactForeign } : undefined,
    trade,
    entry: orders.entry?.state,
    nakedSince,
    heldMs: trade === undefined || trade.openedMs === 0 ? undefined : Math.max(0, serverMs - trade.openedMs),
    instrument,
    average: trade === undefined ? undefined : ledger.averageEntry(trade),
  };
}

export function accountOf(core: Core, all: readonly Actor[]): DeskAccount {
  const { losses } = core.guard;
  return {
    blocks: reasonsOf(core),
    dayProfit: all.reduce(
      (sum, { trade, ledger }) => sum + (trade === undefined ? 0n : ledger.realised(trade)),
      losses.realised,
    ),
    exposure: exposureOf([...core.beside, ...all.flatMap((actor) => actor.ledger.exposed(actor.trade))]).total,
    links: {
      rest: core.paths.isUp('rest-1') || core.paths.isUp('rest-2'),
      trade: core.paths.isUp('trade-socket'),
      private: core.isPrivateUp,
    },
    ordersSent: core.ordersSent,
    orderRefusals: { ...core.orderRefusals },
    journalRecords: core.journal.seq,
  };
}

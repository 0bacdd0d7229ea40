// What is an operator shown of the engine and of each position? Plain values for a terminal or a program; null is unknown.
import { z } from 'zod';
import { priceText, type Instrument } from '../market/instrument.ts';
import { moneyText, priceOf, worthOfSize, type Money } from '../market/money.ts';
import { EARNS } from '../market/side.ts';
import { exactSizeText } from '../market/size.ts';
import type { Tick } from '../market/units.ts';
import { isOver, type OrderState } from '../order/state.ts';
import type { Moment } from '../order/words.ts';
import { heldSizes, type DeskStatus, type PositionStatus } from '../position/desk-status.ts';

const known = <Schema extends z.ZodType>(schema: Schema) => schema.nullable();

/** Decimals as text, times in ms since 1970, lengths of time in ms. */
export const positionView = z.object({
  symbol: z.string(),
  /** Of what is ours or is being opened; null where nothing is ours. */
  side: known(z.enum(['long', 'short'])),
  state: z.string(),
  strategy: known(z.string()),
  /** Ours, in base units; null where nothing is read yet of what the journal remembers. */
  size: known(z.string()),
  /** Held in the same symbol and not ours, signed. */
  foreignSize: z.string(),
  /** State of the entry order, while there is one. */
  entryOrder: known(z.string()),
  entryPrice: known(z.string()),
  markPrice: known(z.string()),
  /** The stop that must stand. `isSeen`: the exchange has said that it does. */
  stop: known(z.object({ price: z.string(), by: z.string(), isSeen: z.boolean(), isBreakeven: z.boolean() })),
  /** How long the stop has not stood, or is not known to. */
  nakedMs: known(z.number()),
  /** USDT of what is held, before fees. */
  unrealised: known(z.string()),
  openedMs: known(z.number()),
  ageMs: known(z.number()),
  /** Why it is being left, from the moment that was decided. */
  closing: known(z.string()),
});

export type PositionView = Readonly<z.infer<typeof positionView>>;

export const deskView = z.object({
  mode: z.string(),
  /** Why it is halted, or why it is in an emergency. */
  latch: known(z.string()),
  isKilled: z.boolean(),
  /** As it stands in the file KILL. */
  killReason: known(z.string()),
  /** Each keeps entries off. */
  blocks: z.array(z.string()),
  /** Since the last whole reading of the account that agreed. */
  reconciledAgoMs: known(z.number()),
  /** Symbols in which something is ours, or may be as long as it is not read, and entries whose end is not known. */
  positions: z.number(),
  entries: z.number(),
});

export type DeskView = Readonly<z.infer<typeof deskView>>;

export const statusView = z.looseObject({
  engine: z.looseObject({
    pid: z.number(),
    version: z.string(),
    environment: z.string(),
    trading: z.string(),
    startedMs: z.number(),
  }),
  /** Null: this engine watches and does not trade. */
  desk: known(deskView),
  /** Watched symbols whose smallest order is larger than a position may be, with the size in USDT that each needs. */
  sizeBelowMinimum: z.record(z.string(), z.string()).optional(),
  /** Symbols that are not chosen for a while: their books do not fit their grids. */
  leftOut: z.array(z.string()).optional(),
  /** Equity and the like, and what was seen: as text or numbers, shown as they come. */
  account: z.record(z.string(), z.unknown()).optional(),
  market: z.record(z.string(), z.unknown()).optional(),
  /** Bytes of the whole process; at the limit it ends itself. */
  memory: z.object({ taken: z.number(), limit: z.number() }).optional(),
});

export type StatusView = Readonly<z.infer<typeof statusView>>;

/** Is everything of ours closed, by the exchange's word, after a kill? Until then the mode is EMERGENCY or a reconciliation. */
export function isFlat(desk: DeskView): boolean {
  return (
    desk.isKilled && (desk.mode === 'HALTED' || desk.mode === 'STOPPED') && desk.positions === 0 && desk.entries === 0
  );
}

/** `killReason`: empty where there is no file KILL. */
export function viewOfDesk(status: DeskStatus, now: Moment, killReason: string): DeskView {
  const { mode, latch, isKilled, blocks, reconciledAt, positions, unread } = status;
  return {
    mode,
    latch: latch ?? null,
    isKilled,
    killReason: killReason === '' ? null : killReason,
    blocks: [...blocks],
    reconciledAgoMs: reconciledAt === undefined ? null : Math.round(now.mono - reconciledAt),
    positions: positions.filter(({ ours }) => ours !== 0).length + unread.length,
    entries: positions.filter(({ entry }) => entry !== undefined && !isOver(entry as OrderState)).length,
  };
}

/** Only the journal says that it is there. */
export function viewOfUnread(symbol: string): PositionView {
  return {
    symbol,
    side: null,
    state: 'unread',
    strategy: null,
    size: null,
    foreignSize: '0',
    entryOrder: null,
    entryPrice: null,
    markPrice: null,
    stop: null,
    nakedMs: null,
    unrealised: null,
    openedMs: null,
    ageMs: null,
    closing: null,
  };
}

/** What only the engine knows beside the desk's own words. */
export interface PositionFacts {
  readonly instrument: Instrument;
  /** Average price of one unit of base; it need not lie on the grid. */
  readonly entryPrice: Money | undefined;
  readonly markTick: Tick | undefined;
  readonly now: Moment;
}

const UNPROTECTED: ReadonlySet<string> = new Set(['flat', 'opening', 'unprotected', 'foreign', 'quarantined']);

export function viewOfPosition(position: PositionStatus, facts: PositionFacts): PositionView {
  const { symbol, state, ours, trade, entry, nakedSince, heldMs } = position;
  const { instrument, entryPrice, markTick, now } = facts;
  const sizes = heldSizes(position);
  const size = sizes.ours < 0n ? -sizes.ours : sizes.ours;
  const isHeld = ours !== 0;
  const side = isHeld ? (ours > 0 ? 'long' : 'short') : (trade?.side ?? null);
  const unrealised =
    isHeld && side !== null && entryPrice !== undefined && markTick !== undefined
      ? worthOfSize(priceOf(markTick, instrument) - entryPrice, size) * BigInt(EARNS[side])
      : undefined;
  const openedMs = trade === undefined || trade.openedMs === 0 ? null : trade.openedMs;
  return {
    symbol,
    side,
    state,
    strategy: trade?.strategy ?? null,
    size: exactSizeText(size, instrument),
    foreignSize: exactSizeText(sizes.foreign, instrument),
    entryOrder: entry ?? null,
    entryPrice: entryPrice === undefined ? null : moneyText(entryPrice),
    markPrice: markTick === undefined ? null : priceText(markTick, instrument),
    stop:
      trade === undefined
        ? null
        : {
            price: priceText(trade.stop.tick, instrument),
            by: trade.stop.by,
            isSeen: isHeld && nakedSince === undefined && !UNPROTECTED.has(state),
            isBreakeven: trade.isBreakeven,
          },
    nakedMs: nakedSince === undefined ? null : Math.max(0, Math.round(now.mono - nakedSince)),
    unrealised: unrealised === undefined ? null : moneyText(unrealised),
    openedMs,
    ageMs: heldMs ?? null,
    closing: trade?.closing ?? null,
  };
}

// Which orders can be sent? Entries are made of approvals only; every other order can only reduce (I-11).
import type { Ms } from '../lib/brand.ts';
import { CLOSES, type PositionSide } from '../market/side.ts';
import type { Lot, Slot, Tick } from '../market/units.ts';
import type { ApprovedEntry } from '../risk/gate.ts';
import type { OutboundOrder } from './words.ts';

export type EntryOrder = Extract<OutboundOrder, { role: 'E' }>;
export type ReducingOrder = Exclude<OutboundOrder, { role: 'E' }>;

/** Bounds how late a lost entry can still be accepted. */
export const ENTRY_WINDOW_MS = 2_000 as Ms;
export const REDUCE_WINDOW_MS = 5_000 as Ms;

export function entryOrder(entry: ApprovedEntry, linkId: string): EntryOrder {
  const { slot, symbol, side, lots, type, capTick, stop } = entry;
  const order = { role: 'E', linkId, slot, symbol, side, lots, type, capTick, stop, recvWindowMs: ENTRY_WINDOW_MS };
  return order as EntryOrder;
}

export interface Reduction {
  readonly role: 'C' | 'X';
  readonly linkId: string;
  readonly slot: Slot;
  readonly symbol: string;
  readonly lots: Lot | 'all';
  /** The band's edge; undefined for a market order. */
  readonly capTick: Tick | undefined;
}

export function reducingOrder(position: PositionSide, reduction: Reduction): ReducingOrder {
  const type = reduction.capTick === undefined ? 'market' : 'limit';
  return { ...reduction, side: CLOSES[position], type, recvWindowMs: REDUCE_WINDOW_MS };
}

// Which protective orders does a position have? They come with an entry, follow its size, and go when it goes.
import { getOrInsert } from '../../lib/get-or-insert.ts';
import { type Client, livePosition, ordersOf } from './client.ts';
import type { VenueCore } from './core.ts';
import { against, type LivePosition, sideOf } from './live-position.ts';
import { createOrder, isProtective, type LiveOrder, type Trail } from './live-order.ts';
import type { Instrument } from '../../market/instrument.ts';
import { type OrderStatus, type Protection, refusal, type StopOrderType, type Trigger } from './model.ts';

export type Kind = 'stopLoss' | 'takeProfit' | 'trailing';

const FULL: Readonly<Record<Kind, { type: StopOrderType; createType: string }>> = {
  stopLoss: { type: 'StopLoss', createType: 'CreateByStopLoss' },
  takeProfit: { type: 'TakeProfit', createType: 'CreateByTakeProfit' },
  trailing: { type: 'TrailingStop', createType: 'CreateByTrailingStop' },
};
const PARTIAL = {
  stopLoss: { type: 'PartialStopLoss', createType: 'CreateByPartialStopLoss' },
  takeProfit: { type: 'PartialTakeProfit', createType: 'CreateByPartialTakeProfit' },
} as const;

/** A long's stop waits for a fall, its take-profit for a rise. */
export function triggerFor(kind: Kind, lots: number, { tick, by }: Pick<Protection, 'tick' | 'by'>): Trigger {
  return { tick, by, direction: (kind === 'takeProfit') === lots > 0 ? 1 : 2 };
}

const PARTIAL_MAX = 20;
export const TOO_MANY_PARTIALS = refusal(110061, 'The number of partial take profit and stop loss orders exceeds 20');

/** May so many more protect parts of the position? */
export function hasPartialRoom(client: Client, symbol: string, more: number): boolean {
  const standing = ordersOf(client, symbol).filter((order) => isProtective(order) && order.tpslMode === 'Partial');
  return standing.length + more <= PARTIAL_MAX;
}

interface ChildTerms {
  readonly type: StopOrderType;
  readonly createType: string;
  readonly trigger: Trigger;
  readonly lots: number;
  readonly limitTick: number | undefined;
  readonly parentLinkId: string;
  readonly tpslMode: 'Full' | 'Partial';
}

function createChild(core: VenueCore, client: Client, position: LivePosition, terms: ChildTerms): LiveOrder {
  const { instrument } = position;
  const child = createOrder({
    id: core.id(4),
    uid: client.account.uid,
    instrument,
    side: against(sideOf(position.lots)),
    type: terms.limitTick === undefined ? 'Market' : 'Limit',
    tick: terms.limitTick ?? 0,
    lots: terms.lots,
    createdMs: core.nowMs,
    parentLinkId: terms.parentLinkId,
    status: 'Untriggered',
    stopOrderType: terms.type,
    createType: terms.createType,
    trigger: terms.trigger,
    tpslMode: terms.tpslMode,
    reduceOnly: true,
    closeOnTrigger: true,
    lastTickOnCreated: core.contract(instrument.symbol).matching.lastTick,
  });
  client.known.set(child.id, child);
  return child;
}

/** Puts an order among those that wait for a price. */
export function arm(core: VenueCore, client: Client, order: LiveOrder): void {
  const { symbol } = order.instrument;
  client.orders.set(order.id, order);
  const waiting = getOrInsert(core.armed, symbol, () => new Set());
  // Prices from before anybody waited fire nothing.
  if (waiting.size === 0) core.contract(symbol).matching.look();
  waiting.add(order);
}

export function disarm(core: VenueCore, order: LiveOrder): void {
  core.armed.get(order.instrument.symbol)?.delete(order);
}

/** The entry that brings a protective order along; nothing where it is set on the position itself. */
interface Origin {
  readonly entry?: LiveOrder;
  readonly trail?: Trail;
}

/** Sets, moves or (with undefined) takes away the one stop of its kind of a whole position; returns what changed. */
export function setFull(
  core: VenueCore,
  client: Client,
  position: LivePosition,
  kind: Kind,
  wanted: Protection | undefined,
  origin: Origin = {},
): LiveOrder[] {
  const { entry, trail } = origin;
  const existing = position[kind];
  if (wanted === undefined) {
    if (existing === undefined) return [];
    end(core, position, existing, core.variants.clearedStop, core.variants.removedStop);
    return [existing];
  }
  const trigger = triggerFor(kind, position.lots, wanted);
  if (existing !== undefined) {
    existing.trigger = trigger;
    existing.lots = Math.abs(position.lots);
    existing.own.trail = trail;
    return [existing];
  }
  const lots = Math.abs(position.lots);
  const parentLinkId = entry?.linkId ?? '';
  const terms = { ...FULL[kind], trigger, lots, limitTick: undefined, parentLinkId, tpslMode: 'Full' } as const;
  const child = createChild(core, client, position, terms);
  if (entry !== undefined && isTroubled(client)) return [refused(child)];
  child.own.trail = trail;
  position[kind] = child;
  arm(core, client, child);
  return [child];
}

/** One stop or take-profit for a part of a position. */
export function addPartial(
  core: VenueCore,
  client: Client,
  position: LivePosition,
  wanted: { readonly stopLoss?: Protection | undefined; readonly takeProfit?: Protection | undefined },
  lots: number,
  entry?: LiveOrder,
): LiveOrder[] {
  const parentLinkId = entry?.linkId ?? '';
  const added: LiveOrder[] = [];
  const count = Object.values(wanted).filter((level) => level !== undefined).length;
  const isFull = !hasPartialRoom(client, position.instrument.symbol, count);
  for (const kind of ['takeProfit', 'stopLoss'] as const) {
    const protection = wanted[kind];
    if (protection === undefined) continue;
    const { limitTick } = protection;
    const trigger = triggerFor(kind, position.lots, protection);
    const terms = { ...PARTIAL[kind], trigger, lots, limitTick, parentLinkId, tpslMode: 'Partial' } as const;
    const child = createChild(core, client, position, terms);
    added.push(child);
    if (isFull || (entry !== undefined && isTroubled(client))) refused(child);
    else arm(core, client, child);
  }
  const [first, second] = added;
  if (first !== undefined && second !== undefined) {
    first.own.sibling = second;
    second.own.sibling = first;
  }
  return added;
}

function isTroubled({ troubles }: Client): boolean {
  if (troubles.stops === 0) return false;
  troubles.stops--;
  return true;
}

function refused(child: LiveOrder): LiveOrder {
  child.status = 'Rejected';
  child.rejectReason = 'EC_Others';
  return child;
}

/** A protective order stops to exist. */
export function end(
  core: VenueCore,
  position: LivePosition,
  order: LiveOrder,
  status: OrderStatus,
  cancelType: string,
): void {
  order.status = status;
  order.cancelType = cancelType;
  disarm(core, order);
  detach(position, order);
}

export function detach(position: LivePosition, order: LiveOrder): void {
  for (const kind of ['stopLoss', 'takeProfit', 'trailing'] as const)
    if (position[kind] === order) position[kind] = undefined;
}

export interface Aftermath {
  /** Switched off with the position: sent together with what closed it. */
  readonly cleared: LiveOrder[];
  /** New, moved or resized. */
  readonly changed: LiveOrder[];
}

/** What a fill means for the stops of its position. `before` is the position in lots before it. */
export function followPosition(
  core: VenueCore,
  client: Client,
  instrument: Instrument,
  order: LiveOrder | undefined,
  before: number,
): Aftermath {
  const position = livePosition(client, instrument);
  const { lots } = position;
  const cleared = lots === 0 || Math.sign(lots) === -Math.sign(before) ? clearAll(core, client, position, order) : [];
  const changed: LiveOrder[] = [];
  const opened = Math.abs(lots) - (Math.sign(before) === Math.sign(lots) ? Math.abs(before) : 0);
  if (lots !== 0 && order !== undefined && opened > 0 && !isProtective(order)) {
    const { tpslMode, stopLoss, takeProfit } = order;
    if (tpslMode === 'Partial') {
      changed.push(...addPartial(core, client, position, { stopLoss, takeProfit }, opened, order));
    } else {
      if (takeProfit !== undefined)
        changed.push(...setFull(core, client, position, 'takeProfit', takeProfit, { entry: order }));
      if (stopLoss !== undefined)
        changed.push(...setFull(core, client, position, 'stopLoss', stopLoss, { entry: order }));
    }
  }
  for (const kind of ['stopLoss', 'takeProfit', 'trailing'] as const) {
    const child = position[kind];
    if (child === undefined || child.lots === Math.abs(lots)) continue;
    child.lots = Math.abs(lots);
    changed.push(child);
  }
  return { cleared, changed };
}

function clearAll(core: VenueCore, client: Client, position: LivePosition, except: LiveOrder | undefined): LiveOrder[] {
  const cleared = ordersOf(client, position.instrument.symbol).filter(
    (order) => order !== except && isProtective(order) && order.status === 'Untriggered',
  );
  for (const order of cleared) end(core, position, order, core.variants.clearedStop, 'CancelByTpSlTsClear');
  return cleared;
}

// May this signal become an order? Thirty-four gates in order; the first that fails is the answer. (failure-modes 10)
import type { Money } from '../market/money.ts';
import type { OrderSide, PositionSide } from '../market/side.ts';
import type { StopPrice } from '../market/stop-price.ts';
import type { Lot, Slot, Tick } from '../market/units.ts';
import { GATE_NAMES, type GateName } from './gate-name.ts';
import * as account from './gates-account.ts';
import * as market from './gates-market.ts';
import * as order from './gates-order.ts';
import * as symbol from './gates-symbol.ts';
import * as system from './gates-system.ts';
import { judged, type EntryPlan, type Judged } from './plan.ts';
import type { Situation } from './situation.ts';

/** A private brand: a copy with other terms does not carry it, as it would a property. */
declare class Approval {
  private readonly approval: true;
}

export interface EntryTerms {
  readonly signalId: string;
  readonly strategy: 'breakout' | 'bounce';
  readonly slot: Slot;
  readonly symbol: string;
  readonly side: OrderSide;
  readonly position: PositionSide;
  readonly lots: Lot;
  readonly type: 'limit' | 'market';
  /** The worst acceptable price. */
  readonly capTick: Tick;
  readonly stop: StopPrice;
  /** At the higher of both prices: counts as exposure until the fill is known. */
  readonly notional: Money;
  readonly configHash: string;
}

/** Only this file makes one, and nothing else is sent. */
export type ApprovedEntry = EntryTerms & Approval;

export interface Denial {
  readonly denied: GateName;
  readonly detail: string;
}

export type Verdict =
  | { readonly kind: 'approved'; readonly entry: ApprovedEntry }
  | ({ readonly kind: 'denied' } & Denial);

/** Why the gate stays shut, undefined where it is open. */
type Gate = (situation: Judged) => string | undefined;

const GATES: Readonly<Record<GateName, Gate>> = {
  'G01 mode': system.mode,
  'G02 kill_switch': system.killSwitch,
  'G03 single_instance': system.singleInstance,
  'G04 private_stream': system.privateStream,
  'G05 clock_offset': system.clockOffset,
  'G06 lag_and_age': system.lagAndAge,
  'G07 symbol_status': symbol.symbolStatus,
  'G08 contract_age': symbol.contractAge,
  'G09 book': market.book,
  'G10 price_deviation': market.priceDeviation,
  'G11 density_now': market.densityNow,
  'G12 drift': market.drift,
  'G13 intent': symbol.intent,
  'G14 quantity': order.quantity,
  'G15 notional_min': order.notionalMin,
  'G16 order_notional': account.orderNotional,
  'G17 exposure': account.exposure,
  'G18 positions': account.positions,
  'G19 same_side': account.sameSide,
  'G20 margin': account.margin,
  'G21 daily_loss': account.dailyLoss,
  'G22 cooldown': symbol.cooldown,
  'G23 entry_rate': account.entryRate,
  'G24 rejects': symbol.rejects,
  'G25 stop': order.stop,
  'G26 trade_risk': account.tradeRisk,
  'G27 funding_and_maintenance': system.fundingAndMaintenance,
  'G28 rate_lane': system.rateLane,
  'G29 journal': system.journal,
  'G30 account_setting': symbol.accountSetting,
  'G31 symbol_enabled': symbol.symbolEnabled,
  'G32 cost': order.cost,
  'G33 slippage_and_spread': order.slippageAndSpread,
  'G34 room': order.room,
};

export function decide(situation: Situation): Verdict {
  const whole = judged(situation);
  for (const denied of GATE_NAMES) {
    const detail = GATES[denied](whole);
    if (detail !== undefined) return { kind: 'denied', denied, detail };
  }
  if (whole.plan === undefined) return { kind: 'denied', denied: 'G14 quantity', detail: 'no plan' };
  return { kind: 'approved', entry: approved(whole, whole.plan) };
}

function approved(
  { offer, settings, rules }: Judged,
  { order: side, side: position, size, protection }: EntryPlan,
): ApprovedEntry {
  const terms: EntryTerms = {
    signalId: offer.signalId,
    strategy: offer.signal.signal === 'breakout' ? 'breakout' : 'bounce',
    slot: offer.slot,
    symbol: offer.symbol,
    side,
    position,
    lots: size.lots,
    type: settings.entryOrder === 'market' ? 'market' : 'limit',
    capTick: size.capTick,
    stop: { tick: protection.tick, by: rules.stopLossTrigger },
    notional: size.notional,
    configHash: offer.configHash,
  };
  return Object.freeze(terms) as ApprovedEntry;
}

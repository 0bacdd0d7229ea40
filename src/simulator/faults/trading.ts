// What can happen to orders, positions and stops without their owner's asking? People, the engine's whims, the exchange's rules.
import { z } from 'zod';
import { lotFromDecimal } from '../../market/instrument.ts';
import { QUERIES } from '../venue/venue.ts';
import { accountOf, contractOf, COUNT, type Fault, fault, MS, NO_ACCOUNT, type Stage, SYMBOL, UID } from './fault.ts';

type Act = (stage: Stage, uid: number, symbol: string) => void;

/** Something that happens to one account in one contract. */
function personal(does: string, serves: string, act: Act): Fault {
  return fault(does, serves, { uid: UID, symbol: SYMBOL }, (stage, given) => {
    const uid = accountOf(stage, given.uid);
    if (uid === undefined) return NO_ACCOUNT;
    act(stage, uid, given.symbol);
    return { uid };
  });
}

/** Something that the next `count` orders of an account suffer. */
function coming(does: string, serves: string, act: (stage: Stage, uid: number, count: number) => void): Fault {
  return fault(does, serves, { uid: UID, count: COUNT }, (stage, given) => {
    const uid = accountOf(stage, given.uid);
    if (uid === undefined) return NO_ACCOUNT;
    act(stage, uid, given.count);
    return { uid };
  });
}

export const TRADING_FAULTS: Readonly<Record<string, Fault>> = {
  'stop-stripped': personal('the stop vanishes although the position stands', 'P08', ({ venue }, uid, symbol) =>
    venue.stripStop(uid, symbol),
  ),
  'human-close': personal('a person closes the position at the market', 'P04 P07', ({ venue }, uid, symbol) =>
    venue.humanClose(uid, symbol),
  ),
  adl: fault(
    'the exchange closes the position, or part of it, to cover others’ losses; its stop goes before that',
    'P06',
    { uid: UID, symbol: SYMBOL, part: z.number().min(0).max(1).default(1) },
    (stage, given) => {
      const uid = accountOf(stage, given.uid);
      if (uid === undefined) return NO_ACCOUNT;
      stage.venue.autoDeleverage(uid, given.symbol, given.part);
      return { uid };
    },
  ),
  'risk-limited': fault(
    'the risk limit was lowered below the position: it may only be reduced, until limited is false',
    'X06',
    { uid: UID, symbol: SYMBOL, limited: z.boolean().default(true) },
    (stage, given) => {
      const uid = accountOf(stage, given.uid);
      if (uid === undefined) return NO_ACCOUNT;
      stage.venue.limitRisk(uid, given.symbol, given.limited);
      return { uid };
    },
  ),
  'human-open': fault(
    'a person buys or sells at the market',
    'P07 P09',
    { uid: UID, symbol: SYMBOL, side: z.enum(['Buy', 'Sell']), qty: z.string() },
    (stage, given) => {
      const uid = accountOf(stage, given.uid);
      if (uid === undefined) return NO_ACCOUNT;
      const { instrument, listing } = contractOf(stage, given.symbol);
      const lots = lotFromDecimal(given.qty, instrument);
      if (lots === undefined || lots === 0) return `qty: must be a plain multiple of ${listing.qtyStep}`;
      stage.venue.humanOpen(uid, given.symbol, given.side, lots);
      return { uid };
    },
  ),
  'stop-rejected': coming('the stops attached to the next orders are refused', 'P01 P02', ({ venue }, uid, count) =>
    venue.rejectStops(uid, count),
  ),
  'engine-reject': coming('the next orders are accepted, then refused by the engine', 'O02', ({ venue }, uid, count) =>
    venue.rejectAfterAck(uid, count),
  ),
  'partial-fill': fault(
    'the next orders fill at most this part of their size',
    'O06 P16',
    { uid: UID, part: z.number().min(0).max(1).default(0.5), count: COUNT },
    (stage, given) => {
      const uid = accountOf(stage, given.uid);
      if (uid === undefined) return NO_ACCOUNT;
      stage.venue.fillPartly(uid, given.part, given.count);
      return { uid };
    },
  ),
  'reads-lag': fault(
    'queries, or one of them, show the state of ms ago, while the streams are current; 0 ends it',
    'O04 R17',
    { ms: z.int().min(0).max(600_000), query: z.enum(QUERIES).optional() },
    ({ venue }, { ms, query }) => venue.lag(ms, query),
  ),
  transfer: fault(
    'money comes to the wallet, or leaves it',
    'O12',
    { uid: UID, usdt: z.int().min(-1_000_000_000).max(1_000_000_000) },
    (stage, given) => {
      const uid = accountOf(stage, given.uid);
      if (uid === undefined) return NO_ACCOUNT;
      stage.venue.transfer(uid, BigInt(given.usdt) * 100_000_000n);
      return { uid };
    },
  ),
  'account-state': fault(
    'somebody has switched the account’s margin mode, position mode or disconnect protection',
    'O14 O15 P22',
    {
      uid: UID,
      marginMode: z.enum(['ISOLATED_MARGIN', 'REGULAR_MARGIN', 'PORTFOLIO_MARGIN']).optional(),
      positionMode: z.enum(['one-way', 'hedge']).optional(),
      disconnectProtection: z.boolean().optional(),
    },
    (stage, { uid: named, marginMode, positionMode, disconnectProtection }) => {
      const uid = accountOf(stage, named);
      if (uid === undefined) return NO_ACCOUNT;
      stage.venue.setAccountState(uid, {
        ...(marginMode && { marginMode }),
        ...(positionMode && { positionMode }),
        ...(disconnectProtection !== undefined && { disconnectProtection }),
      });
      return { uid };
    },
  ),
  restart: fault(
    'the exchange restarts: connections end, closed orders are forgotten, books start over with u = 1',
    'R18 W17 B05 W19',
    { ms: MS.default(1_000) },
    ({ venue, market, connections, doors, agenda }, { ms }) => {
      venue.restart();
      doors.shut('refused', undefined, agenda.monotonic() + ms);
      const ended = [...connections];
      for (const connection of ended) connection.cut();
      for (const { listing } of market.contracts)
        for (const depth of [50, 200, 1_000]) market.resnapshot(listing.symbol, depth, true);
      return { sockets: ended.length };
    },
  ),
};

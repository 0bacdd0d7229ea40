// What can happen to orders, positions and stops without their owner's asking? People, the engine's whims, the exchange's rules.
import { z } from 'zod';
import { lotFromDecimal } from '../../market/instrument.ts';
import { DEPTHS } from '../profile.ts';
import { QUERIES } from '../venue/venue.ts';
import { accountFault, contractOf, COUNT, type Fault, fault, MS, SYMBOL } from './fault.ts';

const USDT = 100_000_000n;

export const TRADING_FAULTS: Readonly<Record<string, Fault>> = {
  'stop-stripped': accountFault(
    'the stop vanishes although the position stands',
    { symbol: SYMBOL },
    ({ venue }, uid, { symbol }) => venue.stripStop(uid, symbol),
  ),
  'human-close': accountFault(
    'a person closes the position at the market',
    { symbol: SYMBOL },
    ({ venue }, uid, { symbol }) => venue.humanClose(uid, symbol),
  ),
  adl: accountFault(
    'the exchange closes the position, or part of it, to cover others’ losses; its stop goes before that',
    { symbol: SYMBOL, part: z.number().min(0).max(1).default(1) },
    ({ venue }, uid, { symbol, part }) => venue.autoDeleverage(uid, symbol, part),
  ),
  'risk-limited': accountFault(
    'the risk limit was lowered below the position: it may only be reduced, until limited is false',
    { symbol: SYMBOL, limited: z.boolean().default(true) },
    ({ venue }, uid, { symbol, limited }) => venue.limitRisk(uid, symbol, limited),
  ),
  'human-open': accountFault(
    'a person buys or sells at the market',
    { symbol: SYMBOL, side: z.enum(['Buy', 'Sell']), qty: z.string() },
    (stage, uid, { symbol, side, qty }) => {
      const { instrument, listing } = contractOf(stage, symbol);
      const lots = lotFromDecimal(qty, instrument);
      if (lots === undefined || lots === 0) return `qty: must be a plain multiple of ${listing.qtyStep}`;
      return stage.venue.humanOpen(uid, symbol, side, lots);
    },
  ),
  'stop-rejected': accountFault(
    'the stops attached to the next orders are refused',
    { count: COUNT },
    ({ venue }, uid, { count }) => venue.rejectStops(uid, count),
  ),
  'engine-reject': accountFault(
    'the next orders are accepted, then refused by the engine',
    { count: COUNT },
    ({ venue }, uid, { count }) => venue.rejectAfterAck(uid, count),
  ),
  'partial-fill': accountFault(
    'the next orders fill at most this part of their size',
    { part: z.number().min(0).max(1).default(0.5), count: COUNT },
    ({ venue }, uid, { part, count }) => venue.fillPartly(uid, part, count),
  ),
  'reads-lag': fault(
    'queries, or one of them, show the state of ms ago, while the streams are current; 0 ends it',
    { ms: z.int().min(0).max(600_000), query: z.enum(QUERIES).optional() },
    ({ venue }, { ms, query }) => venue.lag(ms, query),
  ),
  transfer: accountFault(
    'money comes to the wallet, or leaves it',
    { usdt: z.int().min(-1_000_000_000).max(1_000_000_000) },
    ({ venue }, uid, { usdt }) => venue.transfer(uid, BigInt(usdt) * USDT),
  ),
  'account-state': accountFault(
    'somebody has switched the account’s margin mode, position mode or disconnect protection',
    {
      marginMode: z.enum(['ISOLATED_MARGIN', 'REGULAR_MARGIN', 'PORTFOLIO_MARGIN']).optional(),
      positionMode: z.enum(['one-way', 'hedge']).optional(),
      disconnectProtection: z.boolean().optional(),
    },
    ({ venue }, uid, { marginMode, positionMode, disconnectProtection }) =>
      venue.setAccountState(uid, {
        ...(marginMode && { marginMode }),
        ...(positionMode && { positionMode }),
        ...(disconnectProtection !== undefined && { disconnectProtection }),
      }),
  ),
  restart: fault(
    'the exchange restarts: connections end, closed orders are forgotten, books start over with u = 1',
    { ms: MS.default(1_000) },
    ({ venue, market, connections, doors, agenda }, { ms }) => {
      venue.restart();
      doors.shut('refused', undefined, agenda.monotonic() + ms);
      const ended = [...connections];
      for (const connection of ended) connection.cut();
      market.resnapshot(undefined, DEPTHS, true);
      return { sockets: ended.length };
    },
  ),
};

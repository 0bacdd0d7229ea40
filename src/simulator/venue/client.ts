// What does the exchange keep for one account?
import { getOrInsert } from '../../lib/get-or-insert.ts';
import { createPosition, type LivePosition } from './live-position.ts';
import { History } from './history.ts';
import { type LiveOrder } from './live-order.ts';
import { rateOf, type Rate } from './money.ts';
import type { Account, ApiKey, Money } from './model.ts';
import type { Instrument } from '../../market/instrument.ts';

export interface AccountTerms {
  readonly uid: number;
  readonly keys: readonly Omit<ApiKey, 'uid'>[];
  readonly balance: Money;
  readonly takerFeeRate?: string;
  readonly makerFeeRate?: string;
}

export interface Client {
  account: Account;
  readonly taker: Rate;
  readonly maker: Rate;
  balance: Money;
  allRealised: Money;
  readonly positions: Map<string, LivePosition>;
  /** Open orders by id. */
  readonly orders: Map<string, LiveOrder>;
  /** Every order ever accepted, by id and by link id. */
  readonly known: Map<string, LiveOrder>;
  readonly links: Map<string, LiveOrder>;
  readonly history: History;
  /** Troubles that were ordered for it. */
  readonly troubles: { stops: number; acks: number; parts: number; part: number };
  /** The engine works on one account's requests for one contract in their order. */
  readonly busyUntilMs: Map<string, number>;
}

export function createClient(terms: AccountTerms): Client {
  const { uid, balance, takerFeeRate = '0.00055', makerFeeRate = '0.0002' } = terms;
  return {
    account: {
      uid,
      marginMode: 'ISOLATED_MARGIN',
      positionMode: 'one-way',
      disconnectProtection: false,
      takerFeeRate,
      makerFeeRate,
      movesLimitOrders: true,
    },
    taker: rateOf(takerFeeRate),
    maker: rateOf(makerFeeRate),
    balance,
    allRealised: 0n,
    positions: new Map(),
    orders: new Map(),
    known: new Map(),
    links: new Map(),
    history: new History(),
    troubles: { stops: 0, acks: 0, parts: 0, part: 1 },
    busyUntilMs: new Map(),
  };
}

export function livePosition(client: Client, instrument: Instrument): LivePosition {
  return getOrInsert(client.positions, instrument.symbol, () => createPosition(instrument));
}

/** Open orders of one contract, oldest first. */
export function ordersOf(client: Client, symbol: string): LiveOrder[] {
  return [...client.orders.values()].filter((order) => order.instrument.symbol === symbol);
}

const YEAR_2100_MS = 4_102_444_800_000;
const USDT = 100_000_000n;

const key = (name: string, changes: Partial<ApiKey> = {}): Omit<ApiKey, 'uid'> => ({
  key: name,
  secret: name.replace('key', 'secret'),
  readOnly: false,
  permissions: ['Order', 'Position'],
  ips: ['127.0.0.1'],
  expiresMs: YEAR_2100_MS,
  ...changes,
});

/** Accounts that every simulated exchange has: one with keys of every kind, and two more to trade against it. */
export const DEFAULT_ACCOUNTS: readonly AccountTerms[] = [
  {
    uid: 123_456_789,
    balance: 10_000n * USDT,
    keys: [
      key('simkey'),
      key('simkey-readonly', { readOnly: true }),
      key('simkey-withdraw', { permissions: ['Order', 'Position', 'Withdraw'] }),
      key('simkey-expired', { expiresMs: 1_700_000_000_000 }),
      key('simkey-unbound', { ips: ['*'] }),
    ],
  },
  { uid: 123_456_790, balance: 100_000n * USDT, keys: [key('simkey2')] },
  { uid: 123_456_791, balance: 1_000_000n * USDT, keys: [key('simkey3')] },
];

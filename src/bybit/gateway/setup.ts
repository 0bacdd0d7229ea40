// How is this account set up? The facts that the start and `doctor` check; nothing is changed (failure-modes 8, boot 2).
import type { Ms } from '../../lib/brand.ts';
import { type Fields, fieldsOf, integerOf, listOf, textOf } from '../fields.ts';
import { failureOf, isKeyRefused } from './asked.ts';
import type { RestClient } from './rest-client.ts';
import { moneyOf, timeOf, hundredthsOf } from './row.ts';
import type { Host } from './wires.ts';

export interface KeyFacts {
  readonly userId: string;
  readonly isReadOnly: boolean;
  readonly mayOrder: boolean;
  readonly maySetPositions: boolean;
  /** Anything that moves money out (S02). */
  readonly mayWithdraw: boolean;
  readonly isUnified: boolean;
  /** Empty where the key is bound to no address: it expires after 90 days then. */
  readonly addresses: readonly string[];
  /** Undefined where the exchange names none. */
  readonly expiresMs: Ms | undefined;
}

export interface SymbolFacts {
  readonly symbol: string;
  /** Hundredths. */
  readonly leverage: number;
  readonly isOneWay: boolean;
}

export interface Maintenance {
  readonly title: string;
  readonly state: 'scheduled' | 'ongoing' | 'completed' | 'canceled' | 'unknown';
  readonly beginMs: Ms;
  readonly endMs: Ms;
}

export interface Setup {
  readonly key: KeyFacts;
  readonly marginMode: 'isolated' | 'cross' | 'portfolio' | 'unknown';
  /** 5 and 6 are the unified accounts that this engine knows. */
  readonly accountStatus: number;
  /** Orders, stops among them, would be cancelled when a connection ends. */
  readonly cancelsOnDisconnect: boolean;
  readonly symbols: readonly SymbolFacts[];
  /** Exact decimal texts, of the symbols that one is told for. */
  readonly takerFees: ReadonlyMap<string, string>;
  readonly maintenance: readonly Maintenance[];
}

export type SetupReading =
  | { readonly ok: true; readonly value: Setup }
  /** `keyRefused`: the answer of an exchange that takes nothing by this key. */
  | { readonly ok: false; readonly reason: string; readonly keyRefused: string | undefined };

const WITHIN_MS = 5_000 as Ms;
/** The demo environment has no such endpoint: it knows neither fees of an account nor orders that go with a connection. */
const NOT_IN_DEMO = 10_032;
const IN_NO_DEMO: ReadonlySet<string> = new Set([
  '/v5/account/query-dcp-info',
  '/v5/account/fee-rate',
  '/v5/system/status',
]);
const MARGIN_MODES: Readonly<Record<string, Setup['marginMode']>> = {
  ISOLATED_MARGIN: 'isolated',
  REGULAR_MARGIN: 'cross',
  PORTFOLIO_MARGIN: 'portfolio',
};
/** Transfers and withdrawals; and whoever may sell to people or pay them needs neither (FiatP2P, FiatBitPay, FiatConvertBroker). */
const MOVES_MONEY = /^(?:Wallet|Fiat)/;
const STATES: ReadonlySet<string> = new Set(['scheduled', 'ongoing', 'completed', 'canceled']);

/** Of the named symbols also leverage and position mode. Half of it is none. */
export async function readSetup(rest: RestClient, host: Host, symbols: readonly string[]): Promise<SetupReading> {
  const failures: string[] = [];
  let keyRefused: string | undefined;
  const get = (path: string, params: Fields = {}, isPublic = false): Promise<Fields> =>
    new Promise((resolve) => {
      rest.ask({ host, method: 'GET', path, params, errand: 'read', within: WITHIN_MS, isPublic }, (asked) => {
        const isMissing = asked.kind === 'answered' && asked.code === NOT_IN_DEMO && IN_NO_DEMO.has(path);
        const failure = isMissing ? undefined : failureOf(asked);
        if (failure !== undefined) failures.push(`${path}: ${failure}`);
        if (isKeyRefused(asked)) keyRefused = failure;
        resolve(asked.kind === 'answered' ? asked.result : {});
      });
    });
  const [apiKey, account, dcp, fees, status, ...positions] = await Promise.all([
    get('/v5/user/query-api'),
    get('/v5/account/info'),
    get('/v5/account/query-dcp-info'),
    get('/v5/account/fee-rate', { category: 'linear' }),
    get('/v5/system/status', {}, true),
    ...symbols.map((symbol) => get('/v5/position/list', { category: 'linear', symbol })),
  ]);
  if (failures.length > 0) return { ok: false, reason: failures.join('; '), keyRefused };
  const key = keyFacts(apiKey);
  return {
    ok: true,
    value: {
      key,
      marginMode: MARGIN_MODES[textOf(account.marginMode)] ?? 'unknown',
      accountStatus: integerOf(account.unifiedMarginStatus, 0),
      cancelsOnDisconnect: listOf(dcp.dcpInfos).map(fieldsOf).some(isOfContracts),
      symbols: positions.map((result, i) => symbolFacts(symbols[i] as string, result)),
      // What is no number is no rate, and above all not one of 0: every trade would seem to cost nothing (B11).
      takerFees: new Map(
        listOf(fees.list)
          .map(fieldsOf)
          .map(({ symbol, takerFeeRate }) => [textOf(symbol), textOf(takerFeeRate)] as const)
          .filter(([, rate]) => moneyOf(rate) !== undefined),
      ),
      maintenance: listOf(status.list)
        .filter((row) => concerns(row, key.userId))
        .map(maintenanceFrom),
    },
  };
}

/** Spot and options have switches of their own, which touch no order of ours. */
function isOfContracts({ product, dcpStatus }: Fields): boolean {
  return dcpStatus === 'ON' && product !== 'SPOT' && product !== 'OPTIONS';
}

function keyFacts(fields: Fields): KeyFacts {
  const permissions = fieldsOf(fields.permissions);
  const contract = listOf(permissions.ContractTrade);
  const addresses = listOf(fields.ips).map(textOf);
  const expiresMs = Date.parse(textOf(fields.expiredAt));
  return {
    userId: textOf(fields.userID),
    isReadOnly: integerOf(fields.readOnly, 1) !== 0,
    mayOrder: contract.includes('Order'),
    maySetPositions: contract.includes('Position'),
    mayWithdraw: Object.entries(permissions).some(([name, may]) => MOVES_MONEY.test(name) && listOf(may).length > 0),
    isUnified: integerOf(fields.uta, 0) === 1,
    addresses: addresses.filter((address) => address !== '*'),
    // A key that is bound to addresses has no end, spelt as the year 1970.
    expiresMs: expiresMs > 0 ? (expiresMs as Ms) : undefined,
  };
}

function symbolFacts(symbol: string, result: Fields): SymbolFacts {
  const rows = listOf(result.list).map(fieldsOf);
  return {
    symbol,
    leverage: hundredthsOf(rows[0]?.leverage),
    isOneWay: rows.every((row) => integerOf(row.positionIdx, 0) === 0),
  };
}

/** Futures are 1, beside spot, options and spreads. */
const FUTURES = '1';
/** The service behind demo accounts: the real market goes on without it. An account there does not ask (see `IN_NO_DEMO`). */
const DEMO = '2';

/** A row that names no product, or no last figures of user ids, is of all. */
function concerns(row: unknown, userId: string): boolean {
  const { product, uidSuffix, env } = fieldsOf(row);
  const products = listOf(product).map(textOf);
  const tails = listOf(uidSuffix).map(textOf);
  return (
    textOf(env) !== DEMO &&
    (products.length === 0 || products.includes(FUTURES)) &&
    (tails.length === 0 || userId === '' || tails.some((tail) => userId.endsWith(tail)))
  );
}

function maintenanceFrom(row: unknown): Maintenance {
  const fields = fieldsOf(row);
  const state = textOf(fields.state);
  return {
    title: textOf(fields.title),
    state: STATES.has(state) ? (state as Maintenance['state']) : 'unknown',
    beginMs: timeOf(fields.begin),
    endMs: timeOf(fields.end),
  };
}

/** The exchange goes on telling what is over or called off. An end is only expected: what is under way lasts until it is told to be over. */
export function maintenanceTimes(all: readonly Maintenance[]): { readonly fromMs: Ms; readonly untilMs: Ms }[] {
  return all
    .filter(({ state }) => state !== 'completed' && state !== 'canceled')
    .map(({ state, beginMs, endMs }) => ({
      fromMs: beginMs,
      untilMs: state === 'ongoing' || endMs === 0 ? (Infinity as Ms) : endMs,
    }));
}

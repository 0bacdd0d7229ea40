// Do the tables say what really happened? Trades and executions held against the exchange's ledger, to the last unit.
import type { LedgerLine } from '../../src/simulator/ledger/ledger.ts';
import { exact, toNumber, type Exact } from '../../src/store/rows/exact.ts';
import type { ExecutionRow, TradeRow } from '../../src/store/rows/rows.ts';

export interface Reconciled {
  readonly trades: number;
  readonly open: number;
  readonly executions: number;
  readonly fees: { readonly engine: number; readonly ledger: number };
  /** Of the account's wallet, and of all rows together. */
  readonly net: { readonly engine: number; readonly ledger: number };
  /** Of trades that have ended, by the ledger: what a report must say. */
  readonly ended: { readonly count: number; readonly net: number; readonly fees: number };
  /** Everything that differs; empty where nothing does. */
  readonly faults: readonly string[];
}

interface TrueFill {
  readonly id: string;
  readonly symbol: string;
  readonly linkId: string;
  readonly side: string;
  readonly price: string;
  readonly size: string;
  readonly value: string;
  readonly fee: string;
  readonly pnl: string;
  readonly group: number;
}

const sum = (amounts: readonly Exact[]): Exact => amounts.reduce((all, one) => all + one, 0n);

export function reconcile(
  ledger: readonly LedgerLine[],
  uid: number,
  trades: readonly TradeRow[],
  executions: readonly ExecutionRow[],
): Reconciled {
  const faults: string[] = [];
  const own = ledger.filter((line) => line['uid'] === uid);
  const fills = new Map(
    own.filter(({ kind }) => kind === 'fill').map((line) => [line['id'] as string, line as unknown as TrueFill]),
  );
  const rows = new Map(executions.map((row) => [row.execId, row]));
  if (rows.size !== executions.length) faults.push('an execution stands in the table twice');
  for (const [id, fill] of fills) {
    const row = rows.get(id);
    if (row === undefined) faults.push(`${fill.symbol}: execution ${id} is missing`);
    else faults.push(...differences(fill, row));
  }
  for (const [id, { symbol }] of rows) if (!fills.has(id)) faults.push(`${symbol}: execution ${id} never happened`);

  const ended = trades.filter(({ exitTime }) => exitTime !== undefined);
  for (const trade of trades) faults.push(...faultsOf(trade, executions, fills));
  const known = new Set(trades.map(({ tradeId }) => tradeId));
  for (const { execId, symbol, tradeId } of executions)
    if (tradeId === undefined || !known.has(tradeId)) faults.push(`${symbol}: execution ${execId} is of no trade`);

  const paid = sum([...fills.values()].map(({ fee }) => exact(fee)));
  const paidRows = sum(trades.map(({ fees }) => exact(fees)));
  if (paid !== paidRows) faults.push(`fees: ${toNumber(paid)} were paid, the trades say ${toNumber(paidRows)}`);
  const gained = gainOf(own, [...fills.values()]);
  const gainedRows = sum(
    trades.map(({ profitLoss, fees, funding }) =>
      profitLoss === undefined ? -exact(fees) - exact(funding) : exact(profitLoss),
    ),
  );
  // A position that is open may have been closed in part: what that part brought is told when it ends.
  const partly = sum(
    trades.filter(({ exitTime }) => exitTime === undefined).map(({ tradeId }) => grossOf(tradeId, executions, fills)),
  );
  if (gained !== gainedRows + partly)
    faults.push(`the wallet has gained ${toNumber(gained)}, the trades say ${toNumber(gainedRows + partly)}`);
  return {
    trades: trades.length,
    open: trades.length - ended.length,
    executions: fills.size,
    fees: { engine: toNumber(paidRows), ledger: toNumber(paid) },
    net: { engine: toNumber(gainedRows + partly), ledger: toNumber(gained) },
    ended: {
      count: ended.length,
      net: toNumber(sum(ended.map(({ tradeId }) => netOf(tradeId, executions, fills)))),
      fees: toNumber(sum(ended.map(({ tradeId }) => feesOf(tradeId, executions, fills)))),
    },
    faults,
  };
}

function differences(fill: TrueFill, row: ExecutionRow): string[] {
  const pairs = [
    ['symbol', fill.symbol, row.symbol],
    ['link id', fill.linkId, row.linkId],
    ['side', fill.side.toLowerCase(), row.side],
    ['price', exact(fill.price), exact(row.price)],
    ['size', exact(fill.size), exact(row.size)],
    ['value', exact(fill.value), exact(row.value)],
    ['fee', exact(fill.fee), exact(row.fee)],
  ] as const;
  return pairs
    .filter(([, was, told]) => was !== told)
    .map(([what, was, told]) => `${fill.symbol}: ${what} of execution ${fill.id} was ${was}, the row says ${told}`);
}

function fillsOf(
  tradeId: string,
  executions: readonly ExecutionRow[],
  fills: ReadonlyMap<string, TrueFill>,
): readonly TrueFill[] {
  return executions
    .filter((row) => row.tradeId === tradeId)
    .map(({ execId }) => fills.get(execId))
    .filter((fill) => fill !== undefined);
}

type Lookup = [tradeId: string, executions: readonly ExecutionRow[], fills: ReadonlyMap<string, TrueFill>];
const feesOf = (...of: Lookup): Exact => sum(fillsOf(...of).map(({ fee }) => exact(fee)));
const grossOf = (...of: Lookup): Exact => sum(fillsOf(...of).map(({ pnl }) => exact(pnl)));
const netOf = (...of: Lookup): Exact => grossOf(...of) - feesOf(...of);

function faultsOf(
  trade: TradeRow,
  executions: readonly ExecutionRow[],
  fills: ReadonlyMap<string, TrueFill>,
): string[] {
  const { tradeId, symbol, exitTime, profitLoss, fees } = trade;
  const of: Lookup = [tradeId, executions, fills];
  const faults: string[] = [];
  if (exact(fees) !== feesOf(...of)) faults.push(`fees ${fees}, paid were ${toNumber(feesOf(...of))}`);
  if (exitTime !== undefined && (profitLoss === undefined || exact(profitLoss) !== netOf(...of)))
    faults.push(`net ${profitLoss}, it was ${toNumber(netOf(...of))}`);
  const left = sum(fillsOf(...of).map(({ side, size }) => (side === 'Buy' ? exact(size) : -exact(size))));
  if ((left === 0n) !== (exitTime !== undefined))
    faults.push(
      exitTime === undefined ? 'is over, and its row says open' : 'its row says ended, and something is left',
    );
  return faults.map((fault) => `trade ${tradeId} of ${symbol}: ${fault}`);
}

/** From before the first fill to the last word of the wallet. */
function gainOf(own: readonly LedgerLine[], fills: readonly TrueFill[]): Exact {
  const wallets = own.filter(({ kind }) => kind === 'wallet');
  const [first] = wallets;
  const last = wallets.at(-1);
  if (first === undefined || last === undefined) return 0n;
  const before = fills.filter(({ group }) => group <= (first['group'] as number));
  const change = sum(before.map(({ pnl, fee }) => exact(pnl) - exact(fee)));
  return exact(last['balance'] as string) - exact(first['balance'] as string) + change;
}

// What does a person want to know of a backtest? The trades, what they brought, and why there are no more of them.
import type { TradeRow } from '../../position/trade/result.ts';
import { figureRows, money, percent } from '../report/format.ts';
import { figureLines, table } from '../report/text.ts';
import { row } from './text.ts';
import type { TradeReport } from './trade.ts';

const HEAD = ['entry (UTC)', 'symbol', 'side', 'signal', 'size', 'entry at', 'exit (UTC)', 'exit at', 'reason', 'net'];
const WORDS = ['symbol', 'side', 'signal', 'reason'];
const TRADES_MAX = 60;

export function tradeText(report: TradeReport): string {
  const { replay, figures, byExitReason, trades, openAtEnd, balance, seconds, recordedSeconds } = report;
  const { gaps, resyncs, unreadable, untrusted } = replay;
  const shown = trades.length > TRADES_MAX ? trades.slice(-TRADES_MAX) : trades;
  const left = trades.length - shown.length;
  const lines = [
    row('frames', `${replay.frames} of ${recordedSeconds} s, replayed in ${seconds} s`),
    row(
      'integrity',
      `gaps ${gaps}  resyncs ${resyncs}  unreadable ${unreadable}  untrusted at end ${untrusted.length}`,
    ),
    ...(replay.verify === undefined
      ? []
      : [row('verified', `${replay.verify.checked} books, ${replay.verify.differences} differences`)]),
    ...whyText(report),
  ];
  if (trades.length > 0) {
    lines.push('', ...table(HEAD, shown.map(cells), WORDS));
    if (left > 0) lines.push(`  (the last ${TRADES_MAX}; ${left} before them are in --json)`);
  }
  if (figures.trades > 0) {
    lines.push('', ...figureLines(figureRows(figures)), '');
    const ways = byExitReason.map((way) => [way.key, `${way.trades}`, percent(way.winRate), money(way.netProfit)]);
    lines.push(...table(['exit reason', 'trades', 'win rate', 'net'], ways));
  }
  for (const { symbol, side, size, entryPrice } of openAtEnd) {
    lines.push(`open at the end, its last book is not live: ${symbol} ${side} ${size} from ${entryPrice}`);
  }
  if (trades.some(({ exitReason }) => exitReason === 'shutdown')) {
    lines.push('(shutdown: the recording ended; closed at its last book)');
  }
  lines.push('', row('balance', `${balance.start} → ${balance.end} USDT`), row('trades hash', report.tradesSha256));
  for (const text of report.assumptions) lines.push(row('taken', text));
  for (const text of report.doubts) lines.push(row('doubtful', text));
  return lines.join('\n');
}

/** From candidates to trades: where did they get lost? */
function whyText({ replay, signals, entries, trades, refused, refusedFor, missing, told }: TradeReport): string[] {
  const { candidates } = replay;
  const counted = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  const lines = [
    row('candidates', `breakout ${candidates.breakout}, bounce ${candidates.bounce}; signals ${signals}`),
    ...(Object.keys(missing).length === 0 ? [] : [row('', `criteria that failed: ${counted(missing)}`)]),
    row('entries', `${entries} of ${signals} signals, ${trades.length} filled`),
  ];
  for (const [i, [name, count]] of Object.entries(refused).entries()) {
    const detail = refusedFor[name];
    lines.push(row(i === 0 ? 'refused' : '', `${name} ${count}${detail === undefined ? '' : `, last: ${detail}`}`));
  }
  if (Object.keys(told).length > 0) lines.push(row('warnings', counted(told)));
  return lines;
}

function cells(trade: TradeRow): string[] {
  return [
    moment(trade.entryMs),
    trade.symbol,
    trade.side,
    trade.signalType,
    trade.size,
    price(trade.entryPrice),
    trade.exitMs === undefined ? '' : moment(trade.exitMs),
    trade.exitPrice === undefined ? '' : price(trade.exitPrice),
    trade.exitReason ?? 'open',
    trade.profitLoss === undefined ? '' : money(Number(trade.profitLoss)),
  ];
}

const moment = (ms: number): string => new Date(ms).toISOString().slice(0, 23).replace('T', ' ');

/** An average has twelve digits behind its point. */
const price = (text: string): string =>
  Number(text).toLocaleString('en-US', { maximumSignificantDigits: 9, useGrouping: false });

// What does Prometheus read of trading: mode, positions, money, orders, the ways to the exchange?
import { REFUSAL_CLASSES } from '../../order/gateway.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { STAGES, type Stage } from './latency.ts';
import { bounded, flag, type MetricSet } from './metric-set.ts';
import type { MetricPorts } from './metrics.ts';

const MODES = ['BOOT', 'RECONCILING', 'ACTIVE', 'REDUCE_ONLY', 'HALTED', 'EMERGENCY', 'DRAINING', 'STOPPED'] as const;
/** Of a count that is first seen with six refusals Prometheus knows no increase: each is there from the start. */
const NO_REFUSALS = Object.fromEntries(
  [...REFUSAL_CLASSES, 'reported', 'unknown', 'not-sent'].map((name) => [name, 0]),
);
const API: Readonly<Partial<Record<Stage, string>>> = { api_rest: 'rest', api_trade: 'trade' };

export function tradingMetrics(set: MetricSet, ports: MetricPorts): void {
  const { board, latencies } = ports;
  const desk = () => board.digest?.desk;
  set.labelled('plotnost_mode', '1 for the mode in force.', ['mode'], () => {
    const mode = desk()?.mode;
    return mode === undefined ? [] : MODES.map((name) => [[name], name === mode ? 1 : 0]);
  });
  set.gauge('plotnost_kill_switch', '1 where the kill switch is latched.', () => flag(desk()?.isKilled));
  set.gauge('plotnost_entry_blocks', 'Reasons that block entries now.', () => desk()?.blocks.length);
  const ours = () => board.digest && board.positions().filter(({ state }) => state !== 'foreign' && state !== 'flat');
  set.gauge('plotnost_open_positions', 'Our positions, open or being opened.', () => {
    const read = ours()?.length;
    return read === undefined ? undefined : read + (desk()?.unread.length ?? 0);
  });
  set.gauge(
    'plotnost_unprotected_positions',
    'Open positions whose stop the exchange has not confirmed.',
    () => ours()?.filter(({ stopState }) => stopState === 'missing').length,
  );
  set.gauge('plotnost_positions_max', 'Most positions that may be open at the same time.', () => desk()?.positionsMax);
  set.labelled('plotnost_link_up', '1 while the link to the exchange is up.', ['link'], () =>
    bounded(Object.fromEntries(Object.entries(desk()?.links ?? {}).map(([name, isUp]) => [name, Number(isUp)]))),
  );
  const account = (field: 'equity' | 'free' | 'dayProfit' | 'exposure') => () => {
    const text = desk()?.account?.[field];
    return text === undefined ? undefined : Number(text);
  };
  set.gauge('plotnost_equity_usdt', 'Equity of the account.', account('equity'));
  set.gauge('plotnost_free_usdt', 'Available balance.', account('free'));
  set.gauge('plotnost_day_profit_usdt', 'Realised since 00:00 UTC.', account('dayProfit'));
  set.gauge('plotnost_exposure_usdt', 'Notional of all that is open and pending.', account('exposure'));
  set.counts('plotnost_trades_closed_total', 'Trades closed in this run.', 'reason', () =>
    Object.fromEntries(board.recent.tradesClosed),
  );
  set.gauge(
    'plotnost_session_profit_usdt',
    'Profit of the trades closed in this run, after fees.',
    () => board.recent.profit,
  );
  set.counter('plotnost_orders_sent_total', 'Orders sent to the exchange.', () => desk()?.ordersSent);
  set.counts(
    'plotnost_order_refusals_total',
    'Orders that were refused, or rejected after that (`reported`), not answered (`unknown`) or not sent (`not-sent`).',
    'class',
    () => desk() && { ...NO_REFUSALS, ...desk()?.orderRefusals },
  );
  set.counter('plotnost_journal_records_total', 'Records of the journal.', () => desk()?.journalRecords);
  set.add(
    new LatencyHistogram(
      'plotnost_api_request_duration_seconds',
      'From a request to the exchange to its answer.',
      'path',
      latencies,
      API,
    ),
  );
  set.add(
    new LatencyHistogram(
      'plotnost_stage_duration_seconds',
      'Duration of each stage of the path.',
      'stage',
      latencies,
      Object.fromEntries(STAGES.filter((stage) => !(stage in API)).map((stage) => [stage, stage])),
    ),
  );
}

// What does Prometheus read? Every number with its unit in its name, and labels of which there are only so many.
import type { Board, Surface } from '../board/board.ts';
import { READY_REASONS } from './health.ts';
import type { Latencies } from './latency.ts';
import type { LifeMemory } from '../../scan/layout.ts';
import { flag, MetricSet, seconds, type Counts } from './metric-set.ts';
import { marketMetrics } from './metrics-market.ts';
import { tradingMetrics } from './metrics-trading.ts';

export interface MetricPorts {
  readonly board: Board;
  readonly lives: LifeMemory;
  readonly latencies: Latencies;
  readonly surface: () => Surface & { readonly sessions: number; readonly requests: Counts };
}

export function createMetrics(ports: MetricPorts): MetricSet {
  const set = new MetricSet();
  engineMetrics(set, ports);
  marketMetrics(set, ports);
  tradingMetrics(set, ports);
  storageMetrics(set, ports);
  machineMetrics(set, ports);
  return set;
}

function engineMetrics(set: MetricSet, ports: MetricPorts): void {
  const { board } = ports;
  set.labelled(
    'plotnost_info',
    'Always 1; the labels say what runs.',
    ['version', 'environment', 'trading_mode'],
    () => {
      const session = board.session();
      return session === undefined ? [] : [[[session.version, session.environment, session.tradingMode], 1]];
    },
  );
  set.gauge('plotnost_start_time_seconds', 'Start of this run, since 1970.', () => seconds(board.session()?.startedMs));
  set.gauge('plotnost_ready', '1 where the engine is fit to trade.', () => flag(board.condition().isReady));
  set.labelled('plotnost_unready_reason', '1 for each reason why the engine is not ready.', ['reason'], () => {
    const standing = new Set<string>(board.condition().reasons.map(({ name }) => name));
    return READY_REASONS.map((name) => [[name], standing.has(name) ? 1 : 0]);
  });
  set.gauge('plotnost_main_silence_seconds', 'Time since the last report of the main thread.', () =>
    seconds(board.silentMs),
  );
}

function storageMetrics(set: MetricSet, ports: MetricPorts): void {
  const { board } = ports;
  const store = () => board.digest?.store;
  set.gauge('plotnost_store_connected', '1 where the database answers.', () => flag(store()?.connected));
  set.gauge('plotnost_store_queued_rows', 'Rows that wait in memory.', () => store()?.queued);
  set.gauge('plotnost_store_spooled_rows', 'Rows that wait on disk for the database.', () => store()?.spooled);
  set.counts(
    'plotnost_store_rows_written_total',
    'Rows that the database has acknowledged.',
    'table',
    () => store()?.written,
  );
  set.counts('plotnost_store_rows_dropped_total', 'Rows that were shed or refused.', 'table', () => store()?.dropped);
}

function machineMetrics(set: MetricSet, ports: MetricPorts): void {
  const { board, surface } = ports;
  set.labelled('plotnost_event_loop_delay_seconds', "Delay of the main thread's event loop.", ['quantile'], () => {
    const loop = board.digest?.loop;
    return loop === undefined
      ? []
      : [
          [['0.5'], loop.p50Ms / 1_000],
          [['0.99'], loop.p99Ms / 1_000],
          [['1'], loop.maxMs / 1_000],
        ];
  });
  set.gauge(
    'plotnost_event_loop_utilization_ratio',
    'Share of time that the main thread is busy.',
    () => board.digest?.loop.utilization,
  );
  set.gauge('process_resident_memory_bytes', 'Memory of the whole process.', () => board.digest?.memoryBytes);
  set.gauge(
    'plotnost_memory_limit_bytes',
    'Memory of the whole process at which the run ends itself, to be restarted.',
    () => board.digest?.memoryLimitBytes,
  );
  set.counter('process_cpu_seconds_total', 'CPU time of the whole process.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  set.counts(
    'plotnost_log_warnings_total',
    'Lines of the log at warn or above.',
    'event',
    () => board.digest?.warnings,
  );
  set.gauge('plotnost_dashboard_sessions', 'Open logins.', () => surface().sessions);
  set.gauge('plotnost_dashboard_sockets', 'Connected pages.', () => surface().clients);
  set.counter(
    'plotnost_dashboard_sockets_dropped_total',
    'Pages disconnected: too slow, or against the protocol.',
    () => surface().dropped,
  );
  set.counts('plotnost_dashboard_requests_total', 'Requests by outcome.', 'outcome', () => surface().requests);
  set.gauge(
    'plotnost_dashboard_utilization_ratio',
    'Share of time that the operator thread is busy.',
    () => surface().utilization,
  );
}

// What does Prometheus read? Every number with its unit in its name, and labels of which there are only so many.
import { Counter, Gauge, Registry } from 'prom-client';
import type { Board, Surface } from './board.ts';
import { READY_REASONS } from './health.ts';
import type { Latencies, Stage } from './latency.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { STAGES } from './latency.ts';

/** Label values of one metric beyond these are summed up as `other`. */
const LABELS_MAX = 64;
const OTHER = 'other';
const MODES = ['BOOT', 'RECONCILING', 'ACTIVE', 'REDUCE_ONLY', 'HALTED', 'EMERGENCY', 'DRAINING', 'STOPPED'] as const;
const SOCKET_STATES = ['waiting', 'connecting', 'open', 'stopped'] as const;
const API: Readonly<Partial<Record<Stage, string>>> = { api_rest: 'rest', api_trade: 'trade' };

type Counts = Readonly<Record<string, number>>;

export interface MetricPorts {
  readonly board: Board;
  readonly latencies: Latencies;
  readonly surface: () => Surface & { readonly sessions: number; readonly requests: Counts };
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #ports: MetricPorts;

  constructor(ports: MetricPorts) {
    this.#ports = ports;
    this.#engine();
    this.#market();
    this.#trading();
    this.#storage();
    this.#machine();
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  #engine(): void {
    const { board } = this.#ports;
    this.#labelled('plotnost_info', 'Always 1; what runs.', ['version', 'environment', 'trading_mode'], () => {
      const session = board.session();
      return session === undefined ? [] : [[[session.version, session.environment, session.tradingMode], 1]];
    });
    this.#gauge('plotnost_start_time_seconds', 'When this run began, since 1970.', () => {
      const session = board.session();
      return session === undefined ? undefined : session.startedMs / 1_000;
    });
    this.#gauge('plotnost_ready', '1 where the engine is fit to trade.', () => (board.condition().isReady ? 1 : 0));
    this.#labelled('plotnost_unready_reason', '1 for each reason not to be ready.', ['reason'], () => {
      const standing = new Set<string>(board.condition().reasons.map(({ name }) => name));
      return READY_REASONS.map((name) => [[name], standing.has(name) ? 1 : 0]);
    });
    this.#gauge(
      'plotnost_main_silence_seconds',
      'Since the main thread has last spoken.',
      () => board.silentMs / 1_000,
    );
  }

  #market(): void {
    const { board } = this.#ports;
    const feed =
      <T>(read: (feed: NonNullable<Board['digest']>['feed']) => T) =>
      () =>
        board.digest === undefined ? undefined : read(board.digest.feed);
    const analysis =
      <T>(read: (analysis: NonNullable<Board['digest']>['analysis']) => T) =>
      () =>
        board.digest === undefined ? undefined : read(board.digest.analysis);
    this.#labelled('plotnost_websocket_connections', 'Market data connections by state.', ['state'], () => {
      const sockets = board.digest?.feed.sockets ?? [];
      return SOCKET_STATES.map((state) => [[state], sockets.filter((socket) => socket.state === state).length]);
    });
    this.#counter(
      'plotnost_websocket_reconnects_total',
      'Market data connections lost and made again.',
      feed(({ sockets }) => sockets.reduce((all, { reconnects }) => all + reconnects, 0)),
    );
    this.#gauge('plotnost_symbols_watched', 'Symbols watched.', () => board.symbols.length);
    this.#labelled('plotnost_books', 'Books by trust.', ['trust'], () =>
      Object.entries(board.books()).map(([trust, count]) => [[trust], count]),
    );
    this.#counter(
      'plotnost_frames_total',
      'Frames of market data received.',
      feed(({ frames }) => frames),
    );
    this.#counter(
      'plotnost_frames_slow_path_total',
      'Frames that the fast scanner left to the slow one.',
      feed(({ fallbacks }) => fallbacks),
    );
    this.#counter(
      'plotnost_frames_dropped_total',
      'Frames that concern nothing watched.',
      feed(({ dropped }) => dropped),
    );
    this.#counter(
      'plotnost_frames_unreadable_total',
      'Frames that nobody could read.',
      feed(({ unreadable }) => unreadable),
    );
    this.#counter(
      'plotnost_book_gaps_total',
      'Times a book was contradicted or broke off.',
      feed(({ gaps }) => gaps),
    );
    this.#counter(
      'plotnost_book_resyncs_total',
      'Books asked for anew.',
      feed(({ resyncs }) => resyncs),
    );
    this.#gauge(
      'plotnost_clock_offset_seconds',
      'Exchange time minus ours.',
      feed(({ clockOffsetMs }) => clockOffsetMs / 1_000),
    );
    this.#counter(
      'plotnost_scans_total',
      'Scans of books.',
      analysis(({ scans }) => scans),
    );
    this.#gauge(
      'plotnost_scan_mean_seconds',
      'Mean duration of a scan, sampled.',
      analysis(({ scanMs }) => scanMs / 1_000),
    );
    this.#counter(
      'plotnost_analysis_events_lost_total',
      'Events of the analysis that found no room.',
      analysis(({ eventsLost }) => eventsLost),
    );
    this.#counter(
      'plotnost_analysis_takeovers_total',
      'Analysis threads that died or hung and were replaced.',
      analysis(({ takeovers }) => takeovers),
    );
    this.#gauge(
      'plotnost_analysis_excluded_symbols',
      'Symbols that are not analysed any more.',
      analysis(({ excluded }) => excluded.length),
    );
    this.#counter(
      'plotnost_densities_confirmed_total',
      'Densities confirmed.',
      analysis(({ densities }) => densities),
    );
    this.#gauge(
      'plotnost_densities_standing',
      'Confirmed densities that stand now.',
      analysis(({ standing }) => standing),
    );
    this.#counter(
      'plotnost_signal_candidates_total',
      'Times that a density was judged and gave no signal.',
      analysis(({ candidates }) => candidates),
    );
    this.#counter(
      'plotnost_signals_total',
      'Signals offered to the desk.',
      analysis(({ signals }) => signals),
    );
    this.#gauge('plotnost_signals_last_hour', 'Signals offered within the last hour.', () => board.signalsLastHour);
    this.#counts(
      'plotnost_signals_refused_total',
      'Signals that met every criterion and were refused.',
      'reason',
      analysis(({ refused }) => refused),
    );
  }

  #trading(): void {
    const { board, latencies } = this.#ports;
    const desk =
      <T>(read: (desk: NonNullable<NonNullable<Board['digest']>['desk']>) => T) =>
      () =>
        board.digest?.desk === undefined ? undefined : read(board.digest.desk);
    this.#labelled('plotnost_mode', '1 for the mode in force.', ['mode'], () => {
      const mode = board.digest?.desk?.mode;
      return mode === undefined ? [] : MODES.map((name) => [[name], name === mode ? 1 : 0]);
    });
    this.#gauge(
      'plotnost_kill_switch',
      '1 where the kill switch is latched.',
      desk(({ isKilled }) => (isKilled ? 1 : 0)),
    );
    this.#gauge(
      'plotnost_entry_blocks',
      'Reasons that stand against entries.',
      desk(({ blocks }) => blocks.length),
    );
    this.#gauge('plotnost_open_positions', 'Positions of ours that are open or under way.', () =>
      board.digest === undefined
        ? undefined
        : board.positions().filter(({ state }) => state !== 'foreign' && state !== 'flat').length,
    );
    this.#gauge('plotnost_unprotected_positions', 'Open positions without a stop that was read back.', () =>
      board.digest === undefined
        ? undefined
        : board
            .positions()
            .filter(({ stopState, state }) => stopState === 'missing' && state !== 'foreign' && state !== 'flat')
            .length,
    );
    this.#gauge(
      'plotnost_positions_max',
      'Positions that may be open together.',
      desk(({ positionsMax }) => positionsMax),
    );
    this.#labelled('plotnost_link_up', '1 where the way to the exchange is up.', ['link'], () =>
      bounded(numbersOf(board.digest?.desk?.links ?? {})),
    );
    const account = (field: 'equity' | 'free' | 'dayProfit' | 'exposure') => () => {
      const text = board.digest?.desk?.account?.[field];
      return text === undefined ? undefined : Number(text);
    };
    this.#gauge('plotnost_equity_usdt', 'Equity of the account.', account('equity'));
    this.#gauge('plotnost_free_usdt', 'Balance that is not bound.', account('free'));
    this.#gauge('plotnost_day_profit_usdt', 'Realised since 00:00 UTC.', account('dayProfit'));
    this.#gauge('plotnost_exposure_usdt', 'Notional of all that is open and pending.', account('exposure'));
    this.#counts('plotnost_trades_closed_total', 'Trades closed in this run.', 'reason', () =>
      Object.fromEntries(board.recent.tradesClosed),
    );
    this.#gauge(
      'plotnost_session_profit_usdt',
      'Of the trades closed in this run, after fees.',
      () => board.recent.profit,
    );
    this.#counter(
      'plotnost_orders_sent_total',
      'Orders handed to the exchange.',
      desk(({ ordersSent }) => ordersSent),
    );
    this.#counts(
      'plotnost_order_refusals_total',
      'Orders that were not accepted.',
      'class',
      desk(({ orderRefusals }) => orderRefusals),
    );
    this.#counter(
      'plotnost_journal_records_total',
      'Records of the journal.',
      desk(({ journalRecords }) => journalRecords),
    );
    this.#registry.registerMetric(
      new LatencyHistogram(
        'plotnost_api_request_duration_seconds',
        'From a request to the exchange to its answer.',
        'path',
        latencies,
        API,
      ),
    );
    this.#registry.registerMetric(
      new LatencyHistogram(
        'plotnost_stage_duration_seconds',
        'What each step takes.',
        'stage',
        latencies,
        Object.fromEntries(STAGES.filter((stage) => !(stage in API)).map((stage) => [stage, stage])),
      ),
    );
  }

  #storage(): void {
    const { board } = this.#ports;
    const store =
      <T>(read: (store: NonNullable<NonNullable<Board['digest']>['store']>) => T) =>
      () =>
        board.digest?.store === undefined ? undefined : read(board.digest.store);
    this.#gauge(
      'plotnost_store_connected',
      '1 where the database answers.',
      store(({ connected }) => (connected ? 1 : 0)),
    );
    this.#gauge(
      'plotnost_store_queued_rows',
      'Rows that wait in memory.',
      store(({ queued }) => queued),
    );
    this.#gauge(
      'plotnost_store_spooled_rows',
      'Rows that wait on disk for the database.',
      store(({ spooled }) => spooled),
    );
    this.#counts(
      'plotnost_store_rows_written_total',
      'Rows that the database has acknowledged.',
      'table',
      store(({ written }) => written),
    );
    this.#counts(
      'plotnost_store_rows_dropped_total',
      'Rows that were shed or refused.',
      'table',
      store(({ dropped }) => dropped),
    );
  }

  #machine(): void {
    const { board, surface } = this.#ports;
    this.#labelled('plotnost_event_loop_delay_seconds', 'How late the main thread turns.', ['quantile'], () => {
      const loop = board.digest?.loop;
      return loop === undefined
        ? []
        : [
            [['0.5'], loop.p50Ms / 1_000],
            [['0.99'], loop.p99Ms / 1_000],
            [['1'], loop.maxMs / 1_000],
          ];
    });
    this.#gauge(
      'plotnost_event_loop_utilization_ratio',
      'Part of its time that the main thread works.',
      () => board.digest?.loop.utilization,
    );
    this.#gauge('process_resident_memory_bytes', 'Memory of the whole process.', () => board.digest?.memoryBytes);
    this.#counter('process_cpu_seconds_total', 'CPU time of the whole process.', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    this.#counts(
      'plotnost_log_warnings_total',
      'Lines of the log at warn or above.',
      'event',
      () => board.digest?.warnings,
    );
    this.#gauge('plotnost_dashboard_sessions', 'Logins that have not ended.', () => surface().sessions);
    this.#gauge('plotnost_dashboard_sockets', 'Pages that look.', () => surface().clients);
    this.#counter(
      'plotnost_dashboard_sockets_dropped_total',
      'Pages that were too slow, or broke the rules.',
      () => surface().dropped,
    );
    this.#counts(
      'plotnost_dashboard_requests_total',
      'Requests by what became of them.',
      'outcome',
      () => surface().requests,
    );
    this.#gauge(
      'plotnost_dashboard_utilization_ratio',
      'Part of its time that the operator thread works.',
      () => surface().utilization,
    );
  }

  /** `undefined`: not known, so not said. */
  #gauge(name: string, help: string, read: () => number | undefined): void {
    this.#labelled(name, help, [], () => {
      const value = read();
      return value === undefined ? [] : [[[], value]];
    });
  }

  #labelled(
    name: string,
    help: string,
    labels: readonly string[],
    read: () => (readonly [readonly string[], number])[],
  ): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [this.#registry],
      collect() {
        // Without labels a reset would say 0, which is not the same as unknown.
        if (labels.length === 0) gauge.remove();
        else gauge.reset();
        for (const [values, value] of read()) {
          if (labels.length === 0) gauge.set(value);
          else gauge.labels(...values).set(value);
        }
      },
    });
  }

  #counter(name: string, help: string, read: () => number | undefined): void {
    const counter: Counter = new Counter({
      name,
      help,
      registers: [this.#registry],
      collect() {
        counter.reset();
        counter.inc(read() ?? 0);
      },
    });
  }

  #counts(name: string, help: string, label: string, read: () => Counts | undefined): void {
    const counter: Counter = new Counter({
      name,
      help,
      labelNames: [label],
      registers: [this.#registry],
      collect() {
        counter.reset();
        for (const [[value], count] of bounded(read() ?? {})) counter.labels(value as string).inc(count);
      },
    });
  }
}

function numbersOf(flags: Readonly<Record<string, boolean>>): Counts {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, flag ? 1 : 0]));
}

/** The largest, and the rest as one. */
function bounded(counts: Counts): (readonly [readonly string[], number])[] {
  const all = Object.entries(counts).filter(([, count]) => Number.isFinite(count) && count >= 0);
  if (all.length <= LABELS_MAX) return all.map(([name, count]) => [[name], count]);
  const sorted = all.toSorted((a, b) => b[1] - a[1]);
  const rest = sorted.slice(LABELS_MAX - 1).reduce((sum, [, count]) => sum + count, 0);
  return [...sorted.slice(0, LABELS_MAX - 1).map(([name, count]) => [[name], count] as const), [[OTHER], rest]];
}

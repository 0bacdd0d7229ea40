// What does Prometheus read of the market: connections, books, densities, signals?
import { LIVES_REFUSED, PENDING_LOST, RESTARTS, SLOT_WORDS } from '../../scan/layout.ts';
import { type MetricSet, seconds } from './metric-set.ts';
import type { MetricPorts } from './metrics.ts';

const SOCKET_STATES = ['waiting', 'connecting', 'open', 'stopped'] as const;

export function marketMetrics(set: MetricSet, ports: MetricPorts): void {
  const { board, lives } = ports;
  const feed = () => board.digest?.feed;
  const analysis = () => board.digest?.analysis;
  set.labelled('plotnost_websocket_connections', 'Market data connections by state.', ['state'], () => {
    const sockets = feed()?.sockets ?? [];
    return SOCKET_STATES.map((state) => [[state], sockets.filter((socket) => socket.state === state).length]);
  });
  set.counter(
    'plotnost_websocket_reconnects_total',
    'Reconnects of market data connections.',
    () => feed()?.reconnects,
  );
  set.gauge('plotnost_symbols_watched', 'Symbols watched.', () => board.symbols.length);
  set.labelled('plotnost_books', 'Books by trust.', ['trust'], () =>
    Object.entries(board.books()).map(([trust, count]) => [[trust], count]),
  );
  set.gauge(
    'plotnost_books_late',
    'Live books over 3 s on their way to us: nothing is decided by them.',
    () => feed()?.late,
  );
  set.counter('plotnost_frames_total', 'Frames of market data received.', () => feed()?.frames);
  set.counter(
    'plotnost_frames_slow_path_total',
    'Frames that the fast scanner left to the slow one.',
    () => feed()?.fallbacks,
  );
  set.counter('plotnost_frames_dropped_total', 'Frames that concern nothing watched.', () => feed()?.dropped);
  set.counter('plotnost_frames_unreadable_total', 'Frames that could not be read.', () => feed()?.unreadable);
  set.counter('plotnost_book_gaps_total', 'Gaps: updates of a book are missing, or contradict it.', () => feed()?.gaps);
  set.counter('plotnost_book_resyncs_total', 'Resyncs: books requested again.', () => feed()?.resyncs);
  set.gauge('plotnost_clock_offset_seconds', 'Exchange time minus local time.', () => seconds(feed()?.clockOffsetMs));
  set.counter('plotnost_scans_total', 'Scans of books.', () => analysis()?.scans);
  set.gauge('plotnost_scan_mean_seconds', 'Mean duration of a scan, sampled.', () => seconds(analysis()?.scanMs));
  set.counter(
    'plotnost_analysis_events_lost_total',
    'Events of the analysis lost because their ring was full.',
    () => analysis()?.eventsLost,
  );
  set.counter(
    'plotnost_analysis_takeovers_total',
    'Analysis threads that died or hung and were replaced.',
    () => analysis()?.takeovers,
  );
  // A slot keeps its counts from one symbol to the next: their sums never fall.
  const overSlots = (word: number) => (): number => {
    let sum = 0;
    for (let slot = 0; slot < lives.slots; slot++) sum += (lives.words[slot * SLOT_WORDS + word] as number) >>> 0;
    return sum;
  };
  set.counter(
    'plotnost_analysis_restarts_total',
    'Times that all densities of a book were started over: at its first scan, or because changes were lost, or because a thread died in the middle of a scan.',
    overSlots(RESTARTS),
  );
  set.counter(
    'plotnost_analysis_trades_lost_total',
    'Trades lost because too many waited for the change of the book that they belong to.',
    overSlots(PENDING_LOST),
  );
  set.counter(
    'plotnost_densities_refused_total',
    'Densities that were not followed, because a book had too many of them.',
    overSlots(LIVES_REFUSED),
  );
  set.gauge(
    'plotnost_analysis_excluded_symbols',
    'Symbols excluded from the analysis.',
    () => analysis()?.excluded.length,
  );
  set.counter('plotnost_densities_confirmed_total', 'Densities confirmed.', () => analysis()?.densities);
  set.gauge('plotnost_densities_standing', 'Confirmed densities that are alive now.', () => analysis()?.standing);
  set.counter(
    'plotnost_signal_candidates_total',
    'Times that a density was judged and gave no signal.',
    () => analysis()?.candidates,
  );
  set.counter('plotnost_signals_total', 'Signals that nothing refused.', () => analysis()?.signals);
  set.gauge(
    'plotnost_signals_last_hour',
    'Signals of the last hour that nothing refused.',
    () => board.signalsLastHour,
  );
  set.counts(
    'plotnost_signals_refused_total',
    'Signals that met every criterion and were refused.',
    'reason',
    () => analysis()?.refused,
  );
}

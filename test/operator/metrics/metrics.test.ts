// Can Prometheus read what we tell, is it what main told, and do the alert rules ask for what there is?
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Ms } from '../../../src/lib/brand.ts';
import { conditionOf, isAlive } from '../../../src/operator/metrics/health.ts';
import { LatencyWindow } from '../../../src/operator/metrics/latency-window.ts';
import { createLatencies, mapLatencies, recordLatency, STAGES } from '../../../src/operator/metrics/latency.ts';
import type { Digest, PositionDigest } from '../../../src/operator/port.ts';
import type { LatencyView } from '../../../src/operator/page/protocol-status.ts';
import { LIVES_REFUSED, mapLives, PENDING_LOST, RESTARTS, SLOT_WORDS } from '../../../src/scan/layout.ts';
import { startFakeMain, type FakeMain } from '../fake-main.ts';
import { PageSocket } from '../page-socket.ts';
import { parsePrometheus, type Family } from '../prometheus-text.ts';
import { ask } from '../visitor.ts';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const DOCUMENT = new URL('../../../ops/prometheus/METRICS.md', import.meta.url);
const REFUSALS = 'plotnost_order_refusals_total';
const RULES = new URL('../../../ops/prometheus/alerts.yaml', import.meta.url);
const LABELS_MAX = 64;
/** Its own instance and what is scraped of it. */
const PROMETHEUS_OWN = new Set(['up']);

let main: FakeMain;
beforeAll(async () => {
  main = await startFakeMain({ symbols: 3, warmUpMs: 5_000 });
  main.pause();
});
afterAll(() => main.close());

async function scrape(): Promise<Map<string, Family>> {
  const got = await ask(main.url, { path: '/metrics' });
  expect(got.status).toBe(200);
  expect(got.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  return parsePrometheus(got.body);
}

/** Texts are kept for a second: asked until the scrape is of now. */
async function scrapeWith(
  what: string,
  holds: (families: Map<string, Family>) => boolean,
): Promise<Map<string, Family>> {
  let families = await scrape();
  for (const end = performance.now() + 60_000; !holds(families); families = await scrape()) {
    if (performance.now() > end) throw new Error(`never scraped: ${what}`);
    await new Promise((next) => setTimeout(next, 100));
  }
  return families;
}

const value = (families: Map<string, Family>, name: string, labels: Record<string, string> = {}): number | undefined =>
  families
    .get(name)
    ?.samples.find((sample) => Object.entries(labels).every(([label, wanted]) => sample.labels[label] === wanted))
    ?.value;

/** What came before is in it: each scrape is a request that the next text counts. */
async function scrapeAnew(): Promise<Map<string, Family>> {
  const answered = (families: Map<string, Family>): number | undefined =>
    value(families, 'plotnost_dashboard_requests_total', { outcome: 'answered' });
  const kept = answered(await scrape());
  return scrapeWith('a text of now', (families) => answered(families) !== kept);
}

test('the four numbers that the first design asked for are there, and say what main said', async () => {
  main.digest();
  const { frames } = main.market;
  const families = await scrapeWith('the frames', (all) => value(all, 'plotnost_frames_total') === frames);
  expect(value(families, 'plotnost_symbols_watched')).toBe(3);
  expect(value(families, 'plotnost_open_positions')).toBe(main.desk.positions);
  expect(value(families, 'plotnost_websocket_connections', { state: 'open' })).toBe(1);
  expect(families.has('plotnost_signals_last_hour')).toBe(true);
  expect(families.get('plotnost_api_request_duration_seconds')?.type).toBe('histogram');
  expect(value(families, 'plotnost_equity_usdt')).toBeCloseTo(Number(main.desk.digest(0).account?.equity));
});

test('a position of which only the journal tells counts as open until the exchange has told of it', async () => {
  const desk = { ...main.desk.digest(0), unread: ['LINKUSDT'], journalRecords: 77 };
  main.digest({ desk });
  const families = await scrapeWith('its records', (all) => value(all, 'plotnost_journal_records_total') === 77);
  expect(value(families, 'plotnost_open_positions')).toBe(desk.positions.length + 1);
});

test('what the alerts ask of trading is what main said, and a position without its stop is counted where it is ours', async () => {
  const desk = main.desk.digest(0);
  const naked: PositionDigest = {
    symbol: 'SOLUSDT',
    state: 'unprotected',
    side: 'long',
    size: '1.3',
    foreignSize: '0.0',
    entryPrice: '78',
    stop: { price: '77', by: 'mark', isConfirmed: false },
    isBreakeven: false,
    nakedSinceMs: 1 as Ms,
    strategy: 'breakout',
    tradeId: 't1',
    signalId: 's1',
    openedMs: 1 as Ms,
    expiresMs: undefined,
    leverage: 10,
    wall: undefined,
    entryOrder: 'filled',
    closing: undefined,
  };
  const held: PositionDigest = {
    ...naked,
    state: 'protected',
    stop: { price: '77', by: 'mark', isConfirmed: true },
    nakedSinceMs: undefined,
  };
  const strange: PositionDigest = {
    ...naked,
    state: 'foreign',
    side: undefined,
    stop: undefined,
    nakedSinceMs: undefined,
  };
  const numbers = { dayProfit: '-2.5', exposure: '75', free: '900', equity: '1020' };
  main.digest({
    desk: {
      ...desk,
      mode: 'HALTED',
      isKilled: true,
      blocks: [{ reason: 'operator.paused', sinceMs: undefined, sticky: true }],
      positions: [naked, held, strange],
      links: { private: false, rest: true },
      account: { ...numbers, exposureMax: undefined },
    },
  });
  const families = await scrapeWith('the kill', (all) => value(all, 'plotnost_kill_switch') === 1);
  expect(value(families, 'plotnost_unprotected_positions')).toBe(1);
  expect(value(families, 'plotnost_open_positions')).toBe(2);
  expect(value(families, 'plotnost_entry_blocks')).toBe(1);
  expect(['HALTED', 'ACTIVE'].map((mode) => value(families, 'plotnost_mode', { mode }))).toEqual([1, 0]);
  expect(['private', 'rest'].map((link) => value(families, 'plotnost_link_up', { link }))).toEqual([0, 1]);
  const money = ['day_profit', 'exposure', 'free', 'equity'].map((name) => value(families, `plotnost_${name}_usdt`));
  expect(money).toEqual([-2.5, 75, 900, 1_020]);
  main.digest();
  const after = await scrapeWith('its end', (all) => value(all, 'plotnost_kill_switch') === 0);
  expect(value(after, 'plotnost_unprotected_positions')).toBe(0);
});

test('every number of main is told under its own name, times in seconds', async () => {
  const socket = (state: string) => ({ name: state, state, symbols: 1, frames: 1, reconnects: 0 });
  const before = await scrape();
  main.digest({
    feed: {
      sockets: ['waiting', 'open', 'open', 'connecting', 'open', 'stopped', 'stopped'].map(socket),
      reconnects: 11,
      frames: 12,
      gaps: 13,
      resyncs: 14,
      fallbacks: 15,
      dropped: 16,
      unreadable: 17,
      leftOut: [],
      late: 0,
      clockOffsetMs: -180,
    },
    analysis: {
      mode: 'inline',
      scans: 21,
      scanMs: 0.022,
      eventsLost: 23,
      takeovers: 24,
      excluded: [2, 5],
      densities: 26,
      standing: 27,
      candidates: 28,
      signals: 1_029,
      refused: { stale: 30, late: 31 },
    },
    store: { connected: true, queued: 32, spooled: 33, written: { trades: 34, signals: 35 }, dropped: { trades: 36 } },
    desk: {
      ...main.desk.digest(0),
      positionsMax: 41,
      ordersSent: 42,
      orderRefusals: { funds: 43, price: 44 },
      journalRecords: 45,
    },
    loop: { p50Ms: 51, p99Ms: 52, maxMs: 53, utilization: 0.54 },
    memoryBytes: 55,
    memoryLimitBytes: 56,
    warnings: { 'book.gap': 57, 'api.retry': 58 },
  });
  const families = await scrapeWith('the gaps', (all) => value(all, 'plotnost_book_gaps_total') === 13);
  const told = (...names: string[]): unknown[] =>
    names.map((name) =>
      families
        .get(`plotnost_${name}`)
        ?.samples.map((sample) => [...Object.values(sample.labels), sample.value].join(' ')),
    );
  expect(told('websocket_connections')).toEqual([['waiting 1', 'connecting 1', 'open 3', 'stopped 2']]);
  const feed = ['frames_total', 'book_gaps_total', 'book_resyncs_total', 'frames_slow_path_total'];
  expect(told('websocket_reconnects_total', ...feed, 'frames_dropped_total', 'frames_unreadable_total')).toEqual(
    [11, 12, 13, 14, 15, 16, 17].map((number) => [`${number}`]),
  );
  expect(told('clock_offset_seconds', 'scan_mean_seconds')).toEqual([['-0.18'], ['0.000022']]);
  const analysis = ['analysis_takeovers_total', 'analysis_excluded_symbols', 'densities_confirmed_total'];
  const signals = ['densities_standing', 'signal_candidates_total', 'signals_total'];
  expect(told('scans_total', 'analysis_events_lost_total', ...analysis, ...signals)).toEqual(
    [21, 23, 24, 2, 26, 27, 28, 1_029].map((number) => [`${number}`]),
  );
  expect(told('signals_refused_total')).toEqual([['stale 30', 'late 31']]);
  const grown =
    Number(value(families, 'plotnost_signals_last_hour')) - Number(value(before, 'plotnost_signals_last_hour'));
  expect(grown).toBe(1_029 - Number(value(before, 'plotnost_signals_total')));
  expect(told('store_connected', 'store_queued_rows', 'store_spooled_rows')).toEqual([['1'], ['32'], ['33']]);
  expect(told('store_rows_written_total', 'store_rows_dropped_total')).toEqual([
    ['trades 34', 'signals 35'],
    ['trades 36'],
  ]);
  expect(told('positions_max', 'orders_sent_total', 'journal_records_total')).toEqual([['41'], ['42'], ['45']]);
  const refusals = told('order_refusals_total')[0] as string[];
  expect(refusals.filter((row) => !row.endsWith(' 0'))).toEqual(['funds 43', 'price 44']);
  expect(told('event_loop_delay_seconds')).toEqual([['0.5 0.051', '0.99 0.052', '1 0.053']]);
  expect(told('event_loop_utilization_ratio', 'memory_limit_bytes')).toEqual([['0.54'], ['56']]);
  expect(value(families, 'process_resident_memory_bytes')).toBe(55);
  expect(told('log_warnings_total')).toEqual([['book.gap 57', 'api.retry 58']]);
});

test('refusals of every kind are counted from none: of a count that comes into being with the sixth, an alert sees no increase', async () => {
  const refused = { ...main.desk.digest(0), orderRefusals: { auth: 6 } };
  main.digest({ desk: { ...refused, orderRefusals: {}, ordersSent: 4_711 } });
  const before = await scrapeWith('no refusal', (all) => value(all, 'plotnost_orders_sent_total') === 4_711);
  const classes = ['funds', 'price', 'limits', 'unknown', 'not-sent', 'reported'];
  expect(classes.map((name) => value(before, REFUSALS, { class: name }))).toEqual(classes.map(() => 0));
  main.digest({ desk: refused });
  const after = await scrapeWith('six', (all) => value(all, REFUSALS, { class: 'auth' }) === 6);
  expect(value(after, REFUSALS, { class: 'funds' })).toBe(0);
});

test('books, closed trades and pages that look are counted as they are', async () => {
  const before = await scrapeAnew();
  const books = ['live', 'dead', 'syncing', 'suspect', 'stale'].map((trust) =>
    value(before, 'plotnost_books', { trust }),
  );
  expect(books).toEqual([3, 0, 0, 0, 0]);
  const page = await PageSocket.open(main.url, main.token);
  await ask(main.url, { path: '/nowhere' });
  const end = (id: string, profitLoss: string, exitReason: 'stop_loss' | 'manual'): void => {
    const prices = { entryPrice: '78', exitPrice: '77', stopLossPrice: '77', fees: '0', funding: '0' };
    const whose = { id, symbol: 'SOLUSDT', side: 'long', signalType: 'breakout', signalId: id, size: '1' } as const;
    const times = { entryMs: Date.now() as Ms, exitMs: Date.now() as Ms };
    const row = { ...whose, ...prices, ...times, profitLoss, profitLossPercent: '0', exitReason };
    main.tell({ kind: 'trade', atMs: Date.now() as Ms, row });
  };
  end('won', '2.5', 'manual');
  end('lost', '-4', 'stop_loss');
  recordLatency(mapLatencies(main.market.arenas.latencies), 'api_rest', 250);
  const stopped = { reason: 'stop_loss' };
  const closed = (all: Map<string, Family>): number => value(all, 'plotnost_trades_closed_total', stopped) ?? 0;
  const after = await scrapeWith('the stop', (all) => closed(all) > closed(before));
  const grown = (name: string, labels?: Record<string, string>): number =>
    (value(after, `plotnost_${name}`, labels) ?? 0) - (value(before, `plotnost_${name}`, labels) ?? 0);
  expect(grown('session_profit_usdt')).toBeCloseTo(-1.5, 9);
  const answers =
    after.get('plotnost_api_request_duration_seconds')?.samples.filter(({ labels }) => labels['path'] === 'rest') ?? [];
  expect(
    answers
      .filter((sample) => sample.value > 0)
      .map(({ labels, value: many }) => labels['le'] ?? many)
      .join(' '),
  ).toBe('0.25 0.5 1 2.5 5 10 +Inf 0.25 1');
  expect([grown('dashboard_sessions'), grown('dashboard_sockets')]).toEqual([1, 1]);
  expect(grown('dashboard_requests_total', { outcome: 'refused' })).toBe(1);
  expect(grown('dashboard_requests_total', { outcome: 'answered' })).toBeGreaterThan(0);
  page.close();
});

test('what the analysis had to give up on is told over all books, also over those that others have now', async () => {
  const { slots, lives } = main.market.arenas;
  const { words } = mapLives(lives, slots);
  const given = [
    ['plotnost_analysis_restarts_total', RESTARTS],
    ['plotnost_analysis_trades_lost_total', PENDING_LOST],
    ['plotnost_densities_refused_total', LIVES_REFUSED],
  ] as const;
  // Of months: the next ones do not fit 31 bits.
  for (const [, word] of given) words[word] = 2 ** 31 - 5;
  const before = await scrapeWith('counts of months', (all) => Number(value(all, given[0][0])) >= 2 ** 31 - 5);
  given.forEach(([, word], i) => {
    words[word] = (words[word] as number) + 10 * (i + 1);
    words[SLOT_WORDS + word] = (words[SLOT_WORDS + word] as number) + 1;
  });
  const after = await scrapeWith('the counts', (all) => value(all, given[0][0]) !== value(before, given[0][0]));
  const grown = given.map(([name]) => Number(value(after, name)) - Number(value(before, name)));
  expect(grown).toEqual([11, 21, 31]);
});

const STEPS = STAGES.filter((stage) => !stage.startsWith('api_'));

test('names carry their units, counters end in _total, histograms add up', async () => {
  for (const { name, help, type, samples } of (await scrape()).values()) {
    expect(name).toMatch(/^(?:plotnost|process)_[a-z]+(?:_[a-z0-9]+)*$/);
    expect([name, name.endsWith('_total')]).toEqual([name, type === 'counter']);
    expect(name).not.toMatch(/_(?:ms|us|percent|mb|kb)(?:_|$)/);
    expect(help).toMatch(/^[A-Z0-9].*\.$/);
    if (type !== 'histogram') continue;
    const series = new Set(samples.map(({ labels }) => labels['stage'] ?? labels['path']));
    expect([...series]).toEqual(name === 'plotnost_stage_duration_seconds' ? STEPS : ['rest', 'trade']);
    for (const one of series) {
      const own = samples.filter(({ labels }) => (labels['stage'] ?? labels['path']) === one);
      const buckets = own.filter((sample) => sample.name === `${name}_bucket`);
      const bounds = buckets.map(({ labels }) => Number((labels['le'] as string).replace('+Inf', 'Infinity')));
      expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
      expect(bounds.at(-1)).toBe(Infinity);
      const counts = buckets.map((bucket) => bucket.value);
      expect(counts).toEqual(counts.toSorted((a, b) => a - b));
      expect(own.find((sample) => sample.name === `${name}_count`)?.value).toBe(counts.at(-1));
      expect(own.filter((sample) => sample.name === `${name}_sum`)).toHaveLength(1);
    }
  }
});

test('whatever is told, there are only so many labels, and strange ones are written rightly', async () => {
  const strange = 'a "quoted"\\\n name';
  const warnings = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`event.${i}`, i]));
  main.digest({ warnings: { ...warnings, [strange]: 100_000 } });
  const name = 'plotnost_log_warnings_total';
  const families = await scrapeWith('a flood of events', (all) => (all.get(name)?.samples.length ?? 0) > 10);
  const samples = families.get(name)?.samples ?? [];
  expect(samples).toHaveLength(LABELS_MAX);
  expect(value(families, name, { event: strange })).toBe(100_000);
  expect(samples.reduce((sum, sample) => sum + sample.value, 0)).toBe(100_000 + (999 * 1_000) / 2);
});

test('every metric stands in the table for people, and the table names no other', async () => {
  const families = [...(await scrape()).values()];
  const labels = new Map(
    families.flatMap(({ name, samples }) =>
      samples.slice(0, 1).map((sample) => [name, Object.keys(sample.labels).filter((label) => label !== 'le')]),
    ),
  );
  const told = [
    ...readFileSync(DOCUMENT, 'utf8').matchAll(/^\| `([a-z]+_[a-z0-9_]+)` \| (\w+) \|([^|]*)\| (.*) \|$/gm),
  ].map(([, name = '', type, names = '', help]) => ({ name, type, labels: names.match(/\w+/g) ?? [], help }));
  // What has not happened yet has no sample, and the labels of nothing are not known.
  const rows = families.map(({ name, type, help }, i) => {
    return { name, type, labels: labels.get(name) ?? told[i]?.labels, help };
  });
  expect(told).toEqual(rows);
});

test('each alert rule asks for metrics that there are, and tells what to do', async () => {
  const families = await scrape();
  const { groups } = parse(readFileSync(RULES, 'utf8')) as { groups: { name: string; rules: Rule[] }[] };
  const rules = groups.flatMap(({ rules: own }) => own);
  expect(rules.length).toBeGreaterThan(15);
  for (const { alert, expr, labels, annotations } of rules) {
    expect(alert).toMatch(/^Plotnost[A-Z]/);
    expect(['critical', 'warning']).toContain(labels.severity);
    expect(annotations.summary.length * annotations.description.length).toBeGreaterThan(0);
    const names = [...expr.matchAll(/\b(?:plotnost|process)_[a-z0-9_]+/g)].map(([name]) => name);
    expect([alert, names.length > 0 || PROMETHEUS_OWN.has(expr.split('{')[0] as string)]).toEqual([alert, true]);
    for (const name of names)
      expect([alert, name, families.has(name.replace(/_bucket$/, ''))]).toEqual([alert, name, true]);
  }
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

test('readiness says each reason, and turns before the end', async () => {
  const ready = async (): Promise<{ status: number; names: string[] }> => {
    const { status, body } = await ask(main.url, { path: '/readyz' });
    return { status, names: (JSON.parse(body) as { reasons: { name: string }[] }).reasons.map(({ name }) => name) };
  };
  const reasonsAre = async (...wanted: string[]): Promise<void> => {
    let now = await ready();
    for (
      const end = performance.now() + 30_000;
      now.names.join() !== wanted.join() && performance.now() < end;
      now = await ready()
    );
    expect(now).toEqual({ status: wanted.length === 0 ? 200 : 503, names: wanted });
  };
  main.digest();
  await reasonsAre();
  main.digest({ isEnding: true });
  await reasonsAre('ending');
  const desk = main.desk.digest(0);
  main.digest({ desk: { ...desk, mode: 'HALTED', latch: 'daily_loss', links: { private: false } } });
  await reasonsAre('private_stream', 'mode');
  main.digest({ store: { connected: false, queued: 0, spooled: 5, written: {}, dropped: {} } });
  await reasonsAre('database');
  main.digest({ symbols: [], desk: undefined, store: undefined });
  await reasonsAre('no_books');
  main.digest();
  await reasonsAre();
  expect(JSON.parse((await ask(main.url, { path: '/healthz' })).body)).toMatchObject({ status: 'alive' });
});

test.each([
  ['as well as it must be', {}, []],
  ['silent', { silentMs: 5_000 }, ['main_silent']],
  ['not yet heard', { digest: undefined }, ['starting']],
  ['behind by its clock', { offsetMs: 501 }, ['clock']],
  ['ahead by its clock', { offsetMs: -501 }, ['clock']],
  ['without a socket', { socket: 'connecting' }, ['no_sockets']],
  ['blind for more than half', { live: 1 }, ['books_not_live']],
  ['deaf to its own orders', { links: { rest: true, private: false } }, ['private_stream']],
] as const)('an engine that is %s is ready but for %j', (_, change, names) => {
  const state = { silentMs: 4_999, offsetMs: -500, socket: 'open', live: 2, links: { rest: false, private: true } };
  const { silentMs, offsetMs, socket, live, links } = { ...state, ...change };
  const feed = { sockets: [{ state: socket }], clockOffsetMs: offsetMs };
  const digest = { isEnding: false, feed, desk: { mode: 'ACTIVE', links } } as unknown as Digest;
  const books = { dead: 0, syncing: 1, live, suspect: 1, stale: 0 };
  const condition = conditionOf('digest' in change ? undefined : digest, silentMs, books);
  expect(condition.reasons.map(({ name }) => name)).toEqual(names);
  expect(condition.isReady).toBe(names.length === 0);
});

test('the engine is lost after half a minute of silence, not before', () => {
  expect([isAlive(29_999), isAlive(30_000)]).toEqual([true, false]);
});

test('what a proxy passes on gets metrics with the token only', async () => {
  const passed = (headers: Record<string, string>) => ask(main.url, { path: '/metrics', headers });
  expect((await passed({})).status).toBe(200);
  for (const name of ['x-forwarded-for', 'forwarded', 'via'])
    expect((await passed({ [name]: '203.0.113.7' })).status, name).toBe(401);
  const wrong = await passed({ 'x-forwarded-for': '203.0.113.7', authorization: `Bearer ${main.token}x` });
  expect(wrong.status).toBe(401);
  const right = await passed({ 'x-forwarded-for': '203.0.113.7', authorization: `Bearer ${main.token}` });
  expect(right.status).toBe(200);
});

test('of the lengths of the last minute none is told as longer than the longest', () => {
  const latencies = createLatencies();
  const window = new LatencyWindow(latencies);
  const told = () => window.look().find(({ stage }) => stage === 'wire') as LatencyView;
  for (let i = 0; i < 9; i++) recordLatency(latencies, 'wire', 8);
  expect(told()).toMatchObject({ count: 9, p99Ms: 8, maxMs: 8 });
  for (let second = 0; second < 60; second++) {
    recordLatency(latencies, 'wire', 3);
    expect(told()).toMatchObject({ count: second + 1, maxMs: 5 });
  }
  expect(told()).toMatchObject({ count: 59 });
  const { p50Ms, p90Ms, p99Ms, maxMs } = told();
  expect([p50Ms, p90Ms, p99Ms, maxMs]).toEqual([p50Ms, p90Ms, p99Ms, maxMs].toSorted((a, b) => a - b));
});

test('a flood of happenings is cut, and what was cut is counted', () => {
  const flood = Array.from({ length: 5_000 }, () => ({ kind: 'log', atMs: 0 as Ms, line: '{}' }) as const);
  const before = main.operator.missed;
  main.operator.happened(flood);
  expect(main.operator.missed - before).toBe(3_000);
});

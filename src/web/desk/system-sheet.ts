// Is the machine well? How long each stage takes, what waits in which queue, and what was lost and found again.
import { HISTOGRAM_BOUNDS_MS } from '../../lib/histogram.ts';
import type { LatencyView, SocketView, StatusView } from '../../operator/page/protocol-status.ts';
import { el, headOf, setAttribute, setReach, setText } from '../element.ts';
import { count, duration, micros, percent, usd, words } from '../format.ts';
import { Rows } from '../rows.ts';
import type { Stopwatch } from '../stopwatch.ts';

type Line = readonly [name: string, value: string, tone?: '' | 'warn' | 'bad', title?: string];

const LOOP_MS_WARN = 20;
const OFFSET_MS_WARN = 250;

const STAGE_HEADS = ['Stage', 'p50', 'p90', 'p99', 'Max', 'Last minute'];
const SOCKET_HEADS = ['Name', 'State', 'Symbols', 'Frames', 'Redials'];
const GROUPS = ['Loop and memory', 'Feed', 'Analysis', 'Orders', 'Storage', 'Warnings'];

export class SystemSheet {
  readonly panel = el('div.sheet.system');
  readonly #latencies: Rows<LatencyView, HTMLTableRowElement>;
  readonly #sockets: Rows<SocketView, HTMLTableRowElement>;
  readonly #groups = new Map<string, Rows<Line, HTMLElement>>();
  readonly #none = el('div.empty', {}, 'Nothing measured yet');
  readonly #frames: Stopwatch;

  constructor(frames: Stopwatch) {
    this.#frames = frames;
    const latencies = el('tbody');
    const sockets = el('tbody');
    const table = (name: string, heads: readonly string[], rows: HTMLElement): HTMLElement =>
      el('table.list', { 'aria-label': name }, headOf(heads), rows);
    this.panel.append(
      el(
        'div.tables',
        {},
        el(
          'section.stages',
          {},
          el('h3', {}, 'Latency by stage'),
          table('Latency by stage', STAGE_HEADS, latencies),
          this.#none,
        ),
        el('section', {}, el('h3', {}, 'Sockets'), table('Sockets', SOCKET_HEADS, sockets)),
      ),
      el('div.groups', {}, ...GROUPS.map((title) => this.#group(title))),
    );
    this.#latencies = new Rows(latencies, { key: ({ stage }) => stage, create: createStage, update: updateStage });
    this.#sockets = new Rows(sockets, {
      key: ({ name }) => name,
      create: () => el('tr', {}, el('td'), el('td'), ...Array.from({ length: 3 }, () => el('td.number'))),
      update: updateSocket,
    });
  }

  #group(title: string): HTMLElement {
    const list = el('dl.lines', {});
    this.#groups.set(
      title,
      new Rows<Line, HTMLElement>(list, {
        key: ([name]) => name,
        create: ([name]) => el('div', {}, el('dt', {}, name), el('dd')),
        update: (row, [, value, tone = '', hint]) => {
          const dd = row.lastElementChild as HTMLElement;
          setText(dd, value);
          dd.className = tone;
          setAttribute(row, 'title', hint);
        },
      }),
    );
    return el('section', {}, el('h3', {}, title), list);
  }

  latencies(latencies: readonly LatencyView[]): void {
    const measured = latencies.filter((latency) => latency.count > 0);
    this.#latencies.show(measured);
    this.#none.hidden = measured.length > 0;
  }

  show(status: StatusView): void {
    const { loop, surface } = status;
    const frame = this.#frames;
    this.#lines('Loop and memory', [
      [
        'Loop delay p50 / p99',
        `${micros(loop.p50Ms * 1_000)} / ${micros(loop.p99Ms * 1_000)}`,
        loop.p99Ms > LOOP_MS_WARN ? 'warn' : '',
      ],
      ['Loop delay max', micros(loop.maxMs * 1_000), loop.maxMs > 5 * LOOP_MS_WARN ? 'warn' : ''],
      ['Main busy', percent(loop.utilization * 100, 0), loop.utilization > 0.8 ? 'warn' : ''],
      ['Memory', `${usd(status.memoryBytes / 1e6, 0)} MB`],
      [
        'This surface',
        `${surface.clients} client${surface.clients === 1 ? '' : 's'}, ${percent(surface.utilization * 100, 1)} of a core`,
      ],
      [
        'This page',
        `frame p50 ${msText(frame.quantile(0.5))}, p99 ${msText(frame.quantile(0.99))}`,
        '',
        'Time that drawing the map takes',
      ],
    ]);
    this.#lines('Feed', feedLines(status));
    this.#lines('Analysis', analysisLines(status));
    this.#lines('Orders', orderLines(status));
    this.#lines('Storage', storeLines(status));
    const warnings = Object.entries(status.warnings).toSorted(([, a], [, b]) => b - a);
    this.#lines(
      'Warnings',
      warnings.length === 0 ? [['None', '']] : warnings.slice(0, 12).map(([name, many]) => [name, count(many)]),
    );
    this.#sockets.show(status.sockets);
  }

  #lines(group: string, lines: readonly Line[]): void {
    this.#groups.get(group)?.show(lines);
  }
}

function msText(ms: number | undefined): string {
  return ms === undefined ? '–' : `${ms.toFixed(1)} ms`;
}

function feedLines(status: StatusView): Line[] {
  const { books } = status;
  const bad = books.suspect + books.stale;
  const late = status.late === 0 ? '' : `, ${status.late} late`;
  return [
    [
      'Books live',
      `${books.live} of ${books.live + books.syncing + bad}${late}`,
      bad + status.late > 0 ? 'warn' : '',
      `${books.syncing} syncing, ${books.suspect} suspect, ${books.stale} stale`,
    ],
    ['Frames', `${count(status.framesPerSecond)} / s`, '', `${count(status.frames)} in all`],
    ['Gaps', count(status.gaps)],
    ['Resyncs', count(status.resyncs)],
    ['Slow frames', count(status.fallbacks), '', 'Left by the fast scanner to the strict one'],
    ['Dropped', count(status.dropped), status.dropped > 0 ? 'warn' : ''],
    ['Unreadable', count(status.unreadable), status.unreadable > 0 ? 'warn' : ''],
    ...(status.leftOut.length === 0
      ? []
      : ([['Left out', status.leftOut.join(', '), 'warn', 'Their books do not fit their grids']] as Line[])),
    [
      'Clock offset',
      `${usd(status.clockOffsetMs, 0)} ms`,
      Math.abs(status.clockOffsetMs) > OFFSET_MS_WARN ? 'warn' : '',
    ],
  ];
}

function analysisLines({ analysis }: StatusView): Line[] {
  const refused = Object.entries(analysis.refused).toSorted(([, a], [, b]) => b - a);
  return [
    ['Mode', analysis.mode],
    [
      'Scans',
      `${count(analysis.scansPerSecond)} / s of ${micros(analysis.scanMs * 1_000)}`,
      '',
      `${count(analysis.scans)} in all`,
    ],
    ['Densities', `${analysis.standing} now, ${count(analysis.densities)} ever`],
    ['Candidates', count(analysis.candidates)],
    ['Signals', `${count(analysis.signals)}, ${analysis.signalsLastHour} in the last hour`],
    ['Events lost', count(analysis.eventsLost), analysis.eventsLost > 0 ? 'bad' : ''],
    ['Takeovers', count(analysis.takeovers), analysis.takeovers > 0 ? 'warn' : ''],
    ...(analysis.excluded.length === 0
      ? []
      : ([['Taken out', `${analysis.excluded.length} symbols`, 'bad']] as Line[])),
    ...refused.slice(0, 4).map(([name, many]): Line => [`Refused: ${words(name)}`, count(many)]),
  ];
}

function orderLines(status: StatusView): Line[] {
  if (status.mode === undefined) return [['Trading', 'off']];
  const refusals = Object.entries(status.orderRefusals);
  return [
    ...Object.entries(status.links).map(([name, isUp]): Line => [
      `Path ${name}`,
      isUp ? '● up' : '✕ down',
      isUp ? '' : 'bad',
    ]),
    ['Orders sent', count(status.ordersSent)],
    ...(status.tooSmall.length === 0
      ? []
      : ([
          ['Size too small', status.tooSmall.join(', '), 'warn', 'Their smallest order is larger than a position'],
        ] as Line[])),
    ...refusals.map(([name, many]): Line => [`Refused: ${words(name)}`, count(many), 'warn']),
    ['Journal', `${count(status.journalRecords)} records`],
    [
      'Reconciled',
      status.reconciledMs === undefined ? 'not yet' : `${duration(status.atMs - status.reconciledMs)} ago`,
      status.reconciledMs === undefined ? 'warn' : '',
    ],
  ];
}

function storeLines({ store }: StatusView): Line[] {
  if (store === undefined) return [['Database', 'none: nothing is stored']];
  return [
    ['Database', store.connected ? '● connected' : '✕ away, rows are spooled', store.connected ? '' : 'warn'],
    ['Queue', count(store.queued)],
    ['Spooled', count(store.spooled), store.spooled > 0 ? 'warn' : ''],
    ['Written', count(store.written)],
    ['Dropped', count(store.dropped), store.dropped > 0 ? 'bad' : ''],
  ];
}

function createStage({ stage }: LatencyView): HTMLTableRowElement {
  const bars = Array.from({ length: HISTOGRAM_BOUNDS_MS.length + 1 }, () => el('i'));
  return el(
    'tr',
    {},
    el('th', { scope: 'row' }, words(stage)),
    ...Array.from({ length: 4 }, () => el('td.number')),
    el('td', {}, el('div.histogram', { role: 'img' }, ...bars)),
  );
}

function updateStage(row: HTMLTableRowElement, latency: LatencyView): void {
  const cells = [...row.cells] as HTMLElement[];
  const values = [latency.p50Ms, latency.p90Ms, latency.p99Ms, latency.maxMs].map((ms) => micros(ms * 1_000));
  values.forEach((text, i) => setText(cells[i + 1] as HTMLElement, text));
  const box = cells[5]?.firstElementChild as HTMLElement;
  const most = Math.max(1, ...latency.buckets);
  latency.buckets.forEach((many, i) => {
    const bar = box.children[i] as HTMLElement | undefined;
    if (bar === undefined) return;
    setReach(bar, many === 0 ? 0 : Math.max(0.06, many / most));
    const bound = HISTOGRAM_BOUNDS_MS[i];
    setAttribute(bar, 'title', `${bound === undefined ? 'above' : `up to ${micros(bound * 1_000)}`}: ${count(many)}`);
  });
  setAttribute(
    box,
    'aria-label',
    `${count(latency.count)} measured, half under ${values[0] ?? ''}, 99 of 100 under ${values[2] ?? ''}`,
  );
}

function updateSocket(row: HTMLTableRowElement, socket: SocketView): void {
  const cells = [...row.cells] as HTMLElement[];
  const values = [socket.name, socket.state, count(socket.symbols), count(socket.frames), count(socket.reconnects)];
  values.forEach((text, i) => setText(cells[i] as HTMLElement, text));
}

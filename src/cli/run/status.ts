// What does a run print once a second, as a table or as JSON?
import type { Engine, EngineStatus } from '../../engine/engine.ts';
import { priceText, usdt } from '../../market/instrument.ts';
import { SIDE_NAMES } from '../../market/side.ts';
import type { NotionalUnits, Tick } from '../../market/units.ts';
import type { StoreStats } from '../../store/write/client.ts';
import type { CliContext } from '../context.ts';
import { positionsText } from '../running/positions.ts';
import { recordedText, type Recorded } from './recording.ts';
import type { TradingView } from './views.ts';
import { verdictText, type ScenarioVerdict } from '../scenario.ts';

export interface RunStatus extends EngineStatus {
  readonly seconds: number;
  /** Rows that the database has acknowledged. */
  readonly rows: number;
  readonly store: Pick<StoreStats, 'queued' | 'spooled' | 'connected'> & {
    readonly dropped: number;
    /** `rows`, table by table. */
    readonly written: StoreStats['written'] | undefined;
  };
  /** Null: this engine watches and does not trade. */
  readonly trading: TradingView | null;
}

const sum = (counts: Readonly<Record<string, number>>): number => Object.values(counts).reduce((a, b) => a + b, 0);

export function runStatus(
  engine: Engine,
  stats: StoreStats | undefined,
  seconds: number,
  trading: TradingView | undefined,
): RunStatus {
  return {
    seconds: Math.round(seconds * 10) / 10,
    ...engine.status(),
    rows: stats === undefined ? 0 : sum(stats.written),
    store: {
      queued: stats?.queued ?? 0,
      spooled: stats?.spooled ?? 0,
      dropped: stats === undefined ? 0 : sum(stats.dropped),
      connected: stats?.connected ?? false,
      written: stats?.written,
    },
    trading: trading ?? null,
  };
}

const DENSITIES_MAX = 12;

/** Several lines for a terminal of so many rows, rewritten in place. What is held comes first, and is never cut. */
export function statusTable(status: RunStatus, engine: Engine, rows = Infinity, columns = Infinity): string {
  const { books, analysis, trading } = status;
  const untrusted = (['late', 'syncing', 'suspect', 'stale'] as const)
    .map((trust) => `${trust} ${books[trust]}`)
    .join('  ');
  const lines = [
    `plotnost  ${clock(status.seconds)}`,
    ...(status.waitsFor === null ? [] : [`exchange   no market data: ${status.waitsFor}`]),
    `books      live ${books.live} of ${books.watched}   ${untrusted}`,
    ...(status.leftOut.length === 0
      ? []
      : [`left out   ${status.leftOut.join(', ')}: their books do not fit their grids`]),
    `frames     ${status.frames}   gaps ${status.gaps}   resyncs ${status.resyncs}   read the slow way ${status.fallbacks}`,
    `analysis   ${analysis.mode}   scans ${analysis.scans}   mean ${(analysis.scanMs * 1_000).toFixed(1)} µs`,
    `densities  confirmed ${status.densities}   standing ${status.standing}`,
    `signals    ${status.signals}   candidates ${status.candidates}   refused ${sum(status.refused)}`,
    `rows       ${rowsText(status)}`,
    tradingLine(trading),
    '',
    ...(trading === null || trading.positions.length === 0
      ? []
      : [...positionsText(trading.positions, columns).split('\n'), '']),
  ];
  const taken = lines.reduce((sum, line) => sum + rowsOf(line, columns), 0);
  const room = rows - taken - 2; // a heading, and the line that the cursor stands in
  const densities = room < 1 ? [] : densityLines(engine, Math.min(DENSITIES_MAX, room));
  return [...lines, ...densities.map((line) => line.slice(0, columns))].map((line) => `${line}\n`).join('');
}

function rowsText({ rows, store }: RunStatus): string {
  if (store.written === undefined) return 'none are stored (database.mode: off)';
  const database = store.connected ? 'connected' : 'not connected';
  return `${rows}   queued ${store.queued}   spooled ${store.spooled}   database ${database}`;
}

/** A line that wraps pushes what is above it off the screen. */
function rowsOf(line: string, columns: number): number {
  return Math.max(1, Math.ceil(line.length / columns));
}

/** May it enter, why not, what has the day brought? */
function tradingLine(trading: TradingView | null): string {
  if (trading === null) return 'trading    off: it watches and stores';
  const { desk, dayProfit } = trading;
  const { mode, latch, isKilled, killReason, blocks, positions, entries } = desk;
  const reasons = [...(isKilled ? [`kill latch: ${killReason ?? 'set'}`] : latch === null ? [] : [latch]), ...blocks];
  const kept = reasons.length === 0 ? '' : ` (${reasons.join(', ')})`;
  return `trading    ${mode}${kept}   positions ${positions}   entries under way ${entries}   today ${usdtText(dayProfit)} USDT`;
}

function usdtText(money: string): string {
  return Number(money).toLocaleString('en-US', {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
    signDisplay: 'exceptZero',
    useGrouping: false,
  });
}

function densityLines(engine: Engine, count: number): string[] {
  const largest = [...engine.standing()]
    .map((density) => ({ ...density, worth: usdt(density.current as NotionalUnits, density.instrument) }))
    .sort((a, b) => b.worth - a.worth)
    .slice(0, count);
  return [
    `${'symbol'.padEnd(16)}${'side'.padEnd(5)}${'price'.padStart(14)}${'USDT'.padStart(12)}${'× typical'.padStart(11)}  state`,
    ...largest.map(({ instrument, side, price: tick, relative, state, worth }) => {
      const price = priceText(tick as Tick, instrument).padStart(14);
      const size = Math.round(worth).toString().padStart(12);
      const times = relative.toFixed(1).padStart(11);
      return `${instrument.symbol.padEnd(16)}${SIDE_NAMES[side].padEnd(5)}${price}${size}${times}  ${state}`;
    }),
  ];
}

function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `${pad(Math.floor(whole / 3_600))}:${pad(Math.floor(whole / 60) % 60)}:${pad(whole % 60)}`;
}

const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_DOWN = '\u001b[J';
const CLEAR_ALL = '\u001b[2J';

export interface Display {
  /** Prints a line once, on a terminal only: it holds the token, which must not be in a data stream or a log. */
  announce(text: string): void;
  show(status: RunStatus, engine: Engine): void;
  /** The last word. */
  end(
    status: RunStatus & {
      readonly score?: unknown;
      readonly scenario?: ScenarioVerdict;
      readonly recorded?: Recorded;
      readonly warnings: object;
    },
    engine: Engine,
  ): void;
}

/** A table in place on a terminal, JSON lines elsewhere. */
export function createDisplay(context: CliContext): Display {
  if (context.json || context.stdout.isTTY !== true) {
    return {
      announce: (text) => context.stderr.isTTY === true && context.stderr.write(`${text}\n`),
      show: (status) => context.printJson(status),
      end: (status) => context.printJson(status),
    };
  }
  let isBegun = false;
  let announced = '';
  const draw = (status: RunStatus, engine: Engine): void => {
    const { rows, columns = Infinity } = context.stdout;
    const taken = announced === '' ? 0 : rowsOf(announced.trimEnd(), columns);
    const table = statusTable(status, engine, rows === undefined ? undefined : rows - taken, columns);
    const text = `${announced}${table}`.replaceAll('\n', `${CLEAR_LINE}\n`);
    context.stdout.write(`${isBegun ? '' : CLEAR_ALL}${HOME}${text}${CLEAR_DOWN}`);
    isBegun = true;
  };
  return {
    announce(text) {
      announced = `${text}\n`;
    },
    show: draw,
    end: (status, engine) => {
      draw(status, engine);
      if (status.score !== undefined) context.print(JSON.stringify(status.score, undefined, 2));
      if (status.scenario !== undefined) context.print(verdictText(status.scenario));
      if (status.recorded !== undefined) context.print(recordedText(status.recorded));
      const stored = status.store.written === undefined ? '' : `; ${status.rows} rows are in the database`;
      context.print(`ended cleanly${stored}`);
    },
  };
}

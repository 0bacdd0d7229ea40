// How does a plot come onto a page that has to open without a network? As SVG, drawn here.
import { count, money } from './format.ts';

const WIDTH = 960;
const LEFT = 72;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 26;
/** More points than pixels show nothing more: of each column the extremes are kept. */
const COLUMNS_MAX = 600;

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** About four round values that cover `low` … `high`. */
export function ticksOf(low: number, high: number): number[] {
  const range = high - low || Math.abs(high) || 1;
  const raw = range / 4;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = ([1, 2, 2.5, 5, 10].find((times) => times * power >= raw) ?? 10) * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

interface Scale {
  (value: number): number;
}

const linear = (from: number, to: number, start: number, end: number): Scale => {
  const range = to - from || 1;
  return (value) => Math.round((start + ((value - from) / range) * (end - start)) * 10) / 10;
};

function frame(title: string, height: number, inner: readonly string[]): string {
  return `<div class="wide"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}">${inner.join('')}</svg></div>`;
}

function grid(low: number, high: number, y: Scale, text = money): string[] {
  return ticksOf(low, high).map((value) => {
    const at = y(value);
    const kind = value === 0 ? 'zero' : 'grid';
    return (
      `<line class="${kind}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/>` +
      `<text class="tick" x="${LEFT - 8}" y="${at + 4}" text-anchor="end">${escaped(text(value))}</text>`
    );
  });
}

type Point = readonly [at: number, value: number];

/** Of each column of pixels the first, the lowest, the highest and the last point. */
export function thinned(points: readonly Point[], columnsMax = COLUMNS_MAX): readonly Point[] {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length <= columnsMax * 4) return points;
  const width = (last[0] - first[0]) / columnsMax || 1;
  const columns = Map.groupBy(points, ([at]) => Math.min(columnsMax - 1, Math.floor((at - first[0]) / width)));
  return [...columns.values()].flatMap((column) => {
    const kept = new Set<Point>([column[0] as Point, column.at(-1) as Point]);
    kept.add(column.reduce((least, point) => (point[1] < least[1] ? point : least)));
    kept.add(column.reduce((most, point) => (point[1] > most[1] ? point : most)));
    return column.filter((point) => kept.has(point));
  });
}

/** In less time than this minutes would not tell the five times below a curve from each other. */
const SECONDS_BELOW_MS = 4 * 60_000;

/** A sum over time: a step at each point, what lies below an earlier peak shaded. */
export function curve(title: string, points: readonly Point[]): string {
  const height = 300;
  const [first] = points;
  if (first === undefined) return '';
  const shown = thinned([[first[0], 0], ...points]);
  const values = shown.map(([, value]) => value);
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const begin = (shown[0] as Point)[0];
  const end = (shown.at(-1) as Point)[0];
  const x = linear(begin, end, LEFT, WIDTH - RIGHT);
  const y = linear(low, high, height - BOTTOM, TOP);
  let peak = 0;
  const peaks: string[] = [];
  const steps: string[] = [];
  let before = 0;
  for (const [at, value] of shown) {
    steps.push(`${x(at)},${y(before)}`, `${x(at)},${y(value)}`);
    peaks.push(`${x(at)},${y(peak)}`);
    peak = Math.max(peak, value);
    peaks.push(`${x(at)},${y(peak)}`);
    before = value;
  }
  const times = Array.from({ length: 5 }, (_, i) => begin + ((end - begin) * i) / 4);
  const anchors = ['start', 'middle', 'middle', 'middle', 'end'] as const;
  const [from, to] = end - begin < SECONDS_BELOW_MS ? [11, 19] : [5, 16];
  return frame(title, height, [
    ...grid(low, high, y),
    `<polygon class="fall" points="${[...steps, ...peaks.toReversed()].join(' ')}"/>`,
    `<polyline class="line" points="${steps.join(' ')}"/>`,
    ...times.map((time, i) => {
      const text = new Date(time).toISOString().slice(from, to).replace('T', ' ');
      return `<text class="tick" x="${x(time)}" y="${height - 8}" text-anchor="${anchors[i]}">${text}</text>`;
    }),
  ]);
}

export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Shown when pointed at. */
  readonly about: string;
  /** Absent: neither. */
  readonly tone?: 'good' | 'bad';
}

/** Bars that count something: whole numbers upwards. */
export function countBars(title: string, all: readonly Bar[]): string {
  return bars(title, all, (value) => (value !== null && Number.isInteger(value) ? count(value) : ''));
}

/** Upright bars, up or down from zero. */
export function bars(title: string, all: readonly Bar[], text = money): string {
  const height = 220;
  if (all.length === 0) return '';
  const values = all.map(({ value }) => value);
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const y = linear(low, high, height - BOTTOM, TOP);
  const room = (WIDTH - LEFT - RIGHT) / all.length;
  const width = Math.min(60, room * 0.7);
  const every = Math.ceil((all.length * 80) / (WIDTH - LEFT));
  const drawn = all.map(({ name, value, about, tone = 'plain' }, i) => {
    const middle = LEFT + room * (i + 0.5);
    const top = Math.min(y(value), y(0));
    const size = Math.max(1, Math.abs(y(value) - y(0)));
    const label = `<text class="tick" x="${middle.toFixed(1)}" y="${height - 8}" text-anchor="middle">${escaped(name)}</text>`;
    return (
      `<rect class="${tone}" x="${(middle - width / 2).toFixed(1)}" y="${top}" ` +
      `width="${width.toFixed(1)}" height="${size.toFixed(1)}"><title>${escaped(about)}</title></rect>${i % every === 0 ? label : ''}`
    );
  });
  return frame(title, height, [...grid(low, high, y, text), ...drawn]);
}

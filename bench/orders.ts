// How long from the reading of a signal until the bytes of its order are on the socket, and which part of that is the journal?
import { fileURLToPath } from 'node:url';
import { runProcess } from './measure.ts';
import type { Options, Report, Table } from './report.ts';
import { percentiles } from './schedule.ts';

const CHILD = fileURLToPath(new URL('./orders-child.ts', import.meta.url));
const MODES = ['inline', 'pool'] as const;
const SYMBOLS = 40;
/** Book frames a second of the simulated market. */
const RATE = 2_000;

export interface OrdersJob {
  readonly mode: (typeof MODES)[number];
  readonly symbols: number;
  readonly rate: number;
  readonly seed: number;
  /** It ends with so many orders, or with the time. */
  readonly orders: number;
  readonly seconds: number;
}

/** Microseconds of each entry, by stage. */
export type OrderStages = Readonly<Record<string, readonly number[]>>;

export async function benchOrders({ size, seed, say }: Options): Promise<Report> {
  const { seconds, orders } = size.orders;
  const tables: Table[] = [];
  for (const mode of MODES) {
    say(`${mode}: ${SYMBOLS} symbols at ${RATE} frames/s until ${orders} entries or ${seconds} s`);
    const job: OrdersJob = { mode, symbols: SYMBOLS, rate: RATE, seed, orders, seconds };
    const stages = await runProcess<OrderStages>(CHILD, job, [], false);
    tables.push({ title: `analysis ${mode}, µs`, rows: Object.entries(stages).map(rowOf) });
  }
  return { rows: [], streams: [], figures: {}, tables };
}

const round = (micros: number): number => Math.round(micros * 10) / 10;

function rowOf([stage, micros]: readonly [string, readonly number[]]): Table['rows'][number] {
  if (micros.length === 0) return { stage, orders: 0, p50: '–', p90: '–', p99: '–', 'p99.9': '–', max: '–' };
  const { p50, p90, p99, p999, max } = percentiles(Float64Array.from(micros));
  return {
    stage,
    orders: micros.length,
    p50: round(p50),
    p90: round(p90),
    p99: round(p99),
    'p99.9': round(p999),
    max: round(max),
  };
}

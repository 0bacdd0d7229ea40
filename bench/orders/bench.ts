// How long from the reading of a signal until the bytes of its order are on the socket, and which part of that is the journal?
import { spawnSync } from 'node:child_process';
import os from 'node:os';
import { fileURLToPath } from 'node:url';
import { startSimulatorChild, type SimulatorChild } from '../../src/cli/simulator-child.ts';
import { canPin, daemonFlags, runProcess } from '../measure/processes.ts';
import type { Options, Report, Table } from '../report/report.ts';
import { percentiles } from '../measure/schedule.ts';

const CHILD = fileURLToPath(new URL('./child.ts', import.meta.url));
const MODES = ['inline', 'pool'] as const;
const SYMBOLS = 40;
/** Book frames a second of the simulated market. */
const RATE = 2_000;

export interface OrdersJob {
  readonly mode: (typeof MODES)[number];
  readonly exchange: Pick<SimulatorChild, 'rest' | 'public' | 'private' | 'trade' | 'keys'>;
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
    const exchange = await startApart(seed);
    const { rest, public: frames, private: own, trade, keys } = exchange;
    const job: OrdersJob = {
      mode,
      exchange: { rest, public: frames, private: own, trade, keys },
      seed,
      orders,
      seconds,
    };
    try {
      // Not pinned: the threads that write the journal need a core while main has one.
      const stages = await runProcess<OrderStages>(CHILD, job, daemonFlags(), false);
      tables.push({ title: `analysis ${mode}, µs`, rows: Object.entries(stages).map(rowOf) });
    } finally {
      await exchange.close();
    }
  }
  return { rows: [], streams: [], figures: {}, tables };
}

/** The exchange on the first core alone: what it takes from the engine's is no time of the engine. */
async function startApart(seed: number): Promise<SimulatorChild> {
  const exchange = await startSimulatorChild({ seed, symbols: SYMBOLS, rate: RATE });
  if (canPin && os.availableParallelism() > 1) {
    spawnSync('taskset', ['-a', '-c', '-p', '0', String(exchange.pid)]);
  }
  return exchange;
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

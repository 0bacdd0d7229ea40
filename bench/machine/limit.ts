// How is a limit of the machine shown? Percentiles of wall time, one line a limit.
import type { Table } from '../report/report.ts';
import { percentiles } from '../measure/schedule.ts';

/** One limit, of samples in µs. */
export function limitRow(measured: string, samples: Float64Array): Table['rows'][number] {
  const { p50, p99, max } = percentiles(samples);
  return { measured, p50: round(p50), p99: round(p99), max: round(max), times: samples.length };
}

const round = (micros: number): number => Math.round(micros * 100) / 100;

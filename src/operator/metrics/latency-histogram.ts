// How does a histogram that main has counted in shared memory become one that Prometheus reads?
import { Histogram, type MetricObjectWithValues, type MetricValueWithName } from 'prom-client';
import { HISTOGRAM_BOUNDS_MS } from '../../lib/histogram.ts';
import { readLatency, type Latencies, type Stage } from './latency.ts';

const BOUNDS = HISTOGRAM_BOUNDS_MS.map((ms) => ms / 1_000);

export class LatencyHistogram extends Histogram {
  readonly #of: { readonly name: string; readonly help: string; readonly label: string };
  readonly #latencies: Latencies;
  readonly #stages: Readonly<Partial<Record<Stage, string>>>;

  /** `stages`: which are shown, and by which value of the label. */
  constructor(
    name: string,
    help: string,
    label: string,
    latencies: Latencies,
    stages: Readonly<Partial<Record<Stage, string>>>,
  ) {
    super({ name, help, labelNames: [label], buckets: BOUNDS, registers: [] });
    this.#of = { name, help, label };
    this.#latencies = latencies;
    this.#stages = stages;
  }

  /** What the text format is made of; the library's types do not know it. */
  getForPromString(): Promise<MetricObjectWithValues<MetricValueWithName<string>>> {
    return this.get();
  }

  override get(): Promise<MetricObjectWithValues<MetricValueWithName<string>>> {
    const { name, help, label } = this.#of;
    const values: MetricValueWithName<string>[] = [];
    for (const [stage, shown] of Object.entries(this.#stages)) {
      const { buckets, sumMs } = readLatency(this.#latencies, stage as Stage);
      let below = 0;
      buckets.forEach((count, i) => {
        below += count;
        values.push({
          metricName: `${name}_bucket`,
          labels: { [label]: shown, le: BOUNDS[i] ?? '+Inf' },
          value: below,
        });
      });
      values.push({ metricName: `${name}_sum`, labels: { [label]: shown }, value: sumMs / 1_000 });
      values.push({ metricName: `${name}_count`, labels: { [label]: shown }, value: below });
    }
    return Promise.resolve({ name, help, type: 'histogram', values, aggregator: 'sum' } as never);
  }
}

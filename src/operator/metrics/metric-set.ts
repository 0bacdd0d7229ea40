// How does a number that somebody else counts become a metric? It is read when Prometheus asks, and kept nowhere twice.
import { Counter, Gauge, Registry, type Metric } from 'prom-client';

export type Counts = Readonly<Record<string, number>>;

/** Label values of one metric beyond these are summed up as `other`. */
const LABELS_MAX = 64;
const OTHER = 'other';

export class MetricSet {
  readonly #registry = new Registry();

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }

  add(metric: Metric): void {
    this.#registry.registerMetric(metric);
  }

  /** `undefined`: not known, so not said. */
  gauge(name: string, help: string, read: () => number | undefined): void {
    this.labelled(name, help, [], () => {
      const value = read();
      return value === undefined ? [] : [[[], value]];
    });
  }

  labelled(
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

  counter(name: string, help: string, read: () => number | undefined): void {
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

  counts(name: string, help: string, label: string, read: () => Counts | undefined): void {
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

/** Undefined stays unknown. */
export const seconds = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : ms / 1_000);
export const flag = (is: boolean | undefined): number | undefined => (is === undefined ? undefined : Number(is));

/** The largest, and the rest as one. */
export function bounded(counts: Counts): (readonly [readonly string[], number])[] {
  const all = Object.entries(counts).filter(([, count]) => Number.isFinite(count) && count >= 0);
  if (all.length <= LABELS_MAX) return all.map(([name, count]) => [[name], count]);
  const sorted = all.toSorted((a, b) => b[1] - a[1]);
  const rest = sorted.slice(LABELS_MAX - 1).reduce((sum, [, count]) => sum + count, 0);
  return [...sorted.slice(0, LABELS_MAX - 1).map(([name, count]) => [[name], count] as const), [[OTHER], rest]];
}

// What does a thread of the conventional build do? It gets a copy of a book, finds its densities and sends them back.
import { DensityDetector } from '../peers-own/original-scan.ts';
import type { CoinParameters, Density, OrderBook } from '../peers-own/original-scan.ts';
import { nowMicros } from '../measure/schedule.ts';

export interface ConventionalTask {
  readonly book: OrderBook;
  readonly parameters: CoinParameters;
}

export interface ConventionalAnswer {
  readonly densities: readonly Density[];
  /** When the scan began and when it was over, by the machine's clock. */
  readonly begun: number;
  readonly ended: number;
}

const detector = new DensityDetector();

export function findDensities({ book, parameters }: ConventionalTask): ConventionalAnswer {
  const begun = nowMicros();
  const densities = detector.detectDensities(book, parameters);
  return { densities, begun, ended: nowMicros() };
}

// What did all ambiguous outcomes together show? How many there were, how many the exchange had taken, and whether one was doubled.
import type { AmbiguousResult } from './ambiguous.ts';

/** At least so many of the orders must have been taken: what never arrives is easily not doubled. */
const ACCEPTED_PERCENT = 30;

const TOTALS = ['outcomes', 'unknown', 'accepted', 'filled', 'duplicates', 'events', 'virtualMs'] as const;

export class AmbiguousTally {
  readonly #isLive: boolean;
  readonly #beganMs = performance.now();
  readonly #byKind: Record<string, number> = {};
  readonly #broken: string[] = [];
  readonly #totals: Record<(typeof TOTALS)[number], number> = {
    outcomes: 0,
    unknown: 0,
    accepted: 0,
    filled: 0,
    duplicates: 0,
    events: 0,
    virtualMs: 0,
  };

  constructor(isLive: boolean) {
    this.#isLive = isLive;
  }

  get isGreen(): boolean {
    const { outcomes, accepted, duplicates } = this.#totals;
    return duplicates === 0 && this.#broken.length === 0 && accepted * 100 >= outcomes * ACCEPTED_PERCENT;
  }

  add(result: AmbiguousResult): void {
    for (const key of TOTALS) this.#totals[key] += result[key];
    for (const kind in result.byKind) this.#byKind[kind] = (this.#byKind[kind] ?? 0) + (result.byKind[kind] as number);
    for (const violation of result.violations) this.#broken.push(`seed ${result.seed}: ${violation}`);
    if (this.#isLive) process.stdout.write(`\r${this.#line()} `);
  }

  summary(): object {
    return { ...this.#totals, byKind: this.#byKind, broken: this.#broken, seconds: this.#seconds };
  }

  table(): string {
    return [
      '',
      ...Object.entries(this.#byKind).map(([kind, count]) => `  ${String(count).padStart(8)}  ${kind}`),
      '',
      ...this.#broken.slice(0, 20),
      this.#line(),
    ].join('\n');
  }

  get #seconds(): number {
    return (performance.now() - this.#beganMs) / 1_000;
  }

  #line(): string {
    const { outcomes, unknown, accepted, filled, duplicates, events } = this.#totals;
    const percent = outcomes === 0 ? 0 : Math.round((accepted / outcomes) * 100);
    return `${outcomes} ambiguous outcomes, ${accepted} (${percent} %) taken by the exchange, ${filled} filled, ${unknown} held for unknown, ${events} events, ${Math.round(this.#seconds)} s, duplicates: ${duplicates}, violations: ${this.#broken.length}`;
  }
}

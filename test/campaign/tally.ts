// What did all seeds together show? Rows that happened, invariants that were judged, what was broken, and how to see it again.
import { INVARIANTS } from './judge.ts';
import { ROW_IDS, ROWS } from './rows.ts';
import type { SeedResult } from './run-seed.ts';

const FAILED_SHOWN = 20;

export class Tally {
  events = 0;
  seeds = 0;
  readonly hits: Record<string, number> = {};
  readonly judged: Record<string, number> = {};
  readonly failed: SeedResult[] = [];
  /** Seeds whose own row did not come about. */
  readonly missed: string[] = [];
  readonly #isLive: boolean;
  readonly #beganMs = performance.now();
  readonly #totals = {
    entries: 0,
    trades: 0,
    crashes: 0,
    virtualMs: 0,
    again: 0,
    different: 0,
    graceCloses: 0,
    violations: 0,
  };
  readonly #longest = { honouredMs: 0, reactionMs: 0, graceMs: 0, blindMs: 0, nakedMs: 0 };

  constructor(isLive: boolean) {
    this.#isLive = isLive;
  }

  get seconds(): number {
    return (performance.now() - this.#beganMs) / 1_000;
  }

  get untriggered(): readonly string[] {
    return ROW_IDS.filter((id) => this.hits[id] === undefined);
  }

  get isGreen(): boolean {
    // Few seeds cannot make every row happen.
    const isCovered = this.seeds < 2 * ROW_IDS.length || this.untriggered.length === 0;
    return this.failed.length === 0 && this.#totals.different === 0 && isCovered;
  }

  add(result: SeedResult, isSame: boolean | undefined): void {
    this.seeds++;
    this.events += result.events;
    for (const id in result.hits) this.hits[id] = (this.hits[id] ?? 0) + (result.hits[id] as number);
    for (const id in result.judged) this.judged[id] = (this.judged[id] ?? 0) + (result.judged[id] as number);
    const totals = this.#totals;
    for (const key of ['entries', 'trades', 'crashes', 'virtualMs', 'graceCloses'] as const) totals[key] += result[key];
    for (const key of ['honouredMs', 'reactionMs', 'graceMs', 'blindMs', 'nakedMs'] as const)
      this.#longest[key] = Math.max(this.#longest[key], result[key]);
    if (isSame !== undefined) totals.again++;
    if (isSame === false) totals.different++;
    totals.violations += result.violations.length;
    if (result.hits[result.row] === undefined) this.missed.push(`${result.seed} ${result.row}`);
    if (result.violations.length > 0) {
      this.failed.push(result);
      if (this.#isLive) console.log(`\n${this.#failure(result)}`);
    }
    if (this.#isLive) process.stdout.write(`\r${this.#line()} `);
  }

  summary(): object {
    const { events, seeds, hits, judged, untriggered, missed, seconds } = this;
    const failed = this.failed.map(({ seed, row, violations }) => ({ seed, row, violations }));
    return { events, seeds, seconds, ...this.#totals, ...this.#longest, hits, judged, untriggered, missed, failed };
  }

  table(): string {
    const { again, different, entries, trades, crashes, violations, virtualMs, graceCloses } = this.#totals;
    const { honouredMs, reactionMs, graceMs, blindMs, nakedMs } = this.#longest;
    return [
      '',
      ...ROW_IDS.map((id) => `  ${id.padEnd(5)} ${String(this.hits[id] ?? 0).padStart(8)}  ${ROWS[id]?.what}`),
      '',
      ...Object.entries({
        ...INVARIANTS,
        REST: 'after the faults: truth known, protected, flat on command, symbols set up, books equal',
      }).map(([id, what]) => `  ${id.padEnd(5)} ${String(this.judged[id] ?? 0).padStart(11)}  ${what}`),
      '',
      ...this.failed.slice(0, FAILED_SHOWN).map((result) => this.#failure(result)),
      `${this.#line()}, ${entries} entries, ${trades} trades, ${crashes} crashes, ${Math.round(virtualMs / 3_600_000)} virtual hours`,
      `rows triggered: ${ROW_IDS.length - this.untriggered.length} of ${ROW_IDS.length}${this.untriggered.length === 0 ? '' : `; not: ${this.untriggered.join(' ')}`}`,
      `seeds whose own row did not come about: ${this.missed.length}${this.missed.length === 0 ? '' : `, as ${this.missed.slice(0, 24).join(', ')}`}`,
      `seeds run twice: ${again}, with another trace: ${different}`,
      `longest without a stop where the exchange keeps it: ${honouredMs} ms; from the first evidence to a stop or a close that leaves: ${reactionMs} ms`,
      `from the first evidence to a stop that stands or to nothing: ${graceMs} ms, ${graceCloses} closed since; exposed while dead or blind: ${blindMs} ms; from the loss to its end, all included: ${nakedMs} ms`,
      `violations: ${violations}`,
    ].join('\n');
  }

  /** One line for each seed that is not right, and the command that shows it. */
  failures(): string[] {
    return this.failed.map((result) => this.#failure(result));
  }

  story(result: SeedResult): string {
    const { seed, row, events, virtualMs, hash, hits, entries, trades, crashes, refusals, last, violations } = result;
    return [
      ...last,
      `seed ${seed} (${row}: ${ROWS[row]?.what}): ${events} events in ${virtualMs} virtual ms, ${entries} entries, ${trades} trades, ${crashes} crashes`,
      `trace ${(hash >>> 0).toString(16)}, the second run ${this.#totals.different === 0 ? 'the same' : 'ANOTHER'}`,
      `rows: ${JSON.stringify(hits)}`,
      `signals: ${JSON.stringify(refusals)}`,
      ...violations.map(({ invariant, atMs, text }) => `${invariant} at ${atMs} ms: ${text}`),
      `violations: ${violations.length}`,
    ].join('\n');
  }

  #line(): string {
    const { events, seeds, seconds } = this;
    return `${seeds} seeds, ${events} events, ${Math.round(seconds)} s, ${Math.round(events / seconds)} events/s, ${this.failed.length} failed`;
  }

  #failure({ seed, row, violations }: SeedResult): string {
    const [first] = violations;
    return `seed ${seed} (${row}): ${first?.invariant} at ${first?.atMs} ms: ${first?.text}\n  npm run campaign -- --seed ${seed}`;
  }
}

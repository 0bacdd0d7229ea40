// How does a scenario happen? Its steps at their times on the exchange's clock, its expectations judged on the ledger.
import type { Stage } from '../faults/fault.ts';
import { accountOf, NO_ACCOUNT } from '../faults/fault.ts';
import { orderFault } from '../faults/table.ts';
import type { Ledger, LedgerLine } from '../ledger/ledger.ts';
import { isRefusal } from '../venue/model.ts';
import { fits } from './fact.ts';
import type { Expectation, Scenario, Step } from './scenario.ts';

export interface StepResult {
  readonly atMs: number;
  readonly what: string;
  /** Undefined for what was done. */
  readonly refused: string | undefined;
}

export interface ExpectationResult {
  readonly byMs: number;
  readonly ledger: string;
  readonly found: number;
  readonly met: boolean;
  /** What is wrong; empty where nothing is. */
  readonly fault: string;
  readonly last: LedgerLine | undefined;
}

export interface ScenarioResult {
  readonly name: string;
  /** Every expectation is met, and nothing that was to be done was impossible. */
  readonly passed: boolean;
  readonly steps: readonly StepResult[];
  readonly expectations: readonly ExpectationResult[];
}

/** Times count from now; `end` is called once, at the scenario's end. */
export function playScenario(
  scenario: Scenario,
  stage: Stage,
  ledger: Ledger,
  end: (result: ScenarioResult) => void,
): void {
  const { agenda } = stage;
  const startMs = agenda.monotonic();
  const steps: StepResult[] = [];
  const expectations: ExpectationResult[] = [];
  for (const step of scenario.steps) {
    for (const atMs of timesOf(step, scenario.lasts))
      agenda.at(
        startMs + atMs,
        () => void steps.push({ atMs, what: step.do ?? `ask ${step.ask}`, refused: take(step, stage, ledger) }),
      );
  }
  // Put in after the steps: what is to be found by a time may have been caused at that very time.
  for (const expectation of scenario.expect)
    agenda.at(startMs + expectation.by, () => void expectations.push(judge(expectation, startMs, ledger)));
  agenda.at(startMs + scenario.lasts, () => {
    for (const expectation of scenario.expect)
      if (expectation.by > scenario.lasts) expectations.push(judge(expectation, startMs, ledger));
    const passed = expectations.every(({ met }) => met) && steps.every(({ refused }) => refused === undefined);
    end({ name: scenario.name, passed, steps, expectations });
  });
}

function timesOf({ at, every, times = Infinity }: Step, lasts: number): number[] {
  if (every === undefined) return at === undefined ? [] : [at];
  const found: number[] = [];
  for (let atMs = at ?? every; atMs <= lasts && found.length < times; atMs += every) found.push(atMs);
  return found;
}

/** Undefined where it was done. What an account asked and was refused is done: the exchange has answered. */
function take(step: Step, stage: Stage, ledger: Ledger): string | undefined {
  if (step.do !== undefined) {
    const outcome = orderFault({ kind: step.do, ...step.with }, stage, ledger);
    return typeof outcome === 'string' ? outcome : undefined;
  }
  const uid = accountOf(stage, step.uid);
  if (uid === undefined || step.ask === undefined) return NO_ACCOUNT;
  const { nowMs } = stage.market;
  ledger.acted(nowMs, { act: step.ask, uid, with: step.with });
  const answer = stage.venue[step.ask](uid, { category: 'linear', ...step.with });
  if (isRefusal(answer)) ledger.acted(nowMs, { act: step.ask, uid, refusal: { code: answer.code, text: answer.text } });
  return undefined;
}

function judge(expectation: Expectation, startMs: number, ledger: Ledger): ExpectationResult {
  const { by, after = 0, ledger: kind, where, least, most = Infinity, last: wanted } = expectation;
  const lines = ledger
    .since(0)
    .filter(
      (line) =>
        line.kind === kind && line.timeMs >= startMs + after && line.timeMs <= startMs + by && fits(line, where),
    );
  const last = lines.at(-1);
  const found = lines.length;
  const range = most === Infinity ? `at least ${least}` : `${least} to ${most}`;
  const fault =
    found < least || found > most
      ? `${found} lines where ${range} were expected`
      : wanted !== undefined && (last === undefined || !fits(last, wanted))
        ? `the last line does not say ${JSON.stringify(wanted)}`
        : '';
  return { byMs: by, ledger: kind, found, met: fault === '', fault, last };
}

/** Plays one scenario at a time. */
export class ScenarioPlayer {
  readonly #stage: Stage;
  readonly #ledger: Ledger;
  #isRunning = false;
  #result: ScenarioResult | undefined;

  constructor(stage: Stage, ledger: Ledger) {
    this.#stage = stage;
    this.#ledger = ledger;
  }

  /** Of the last one that has ended. */
  get result(): ScenarioResult | undefined {
    return this.#result;
  }

  /** False while another one is being played. */
  begin(scenario: Scenario): boolean {
    if (this.#isRunning) return false;
    this.#isRunning = true;
    this.#result = undefined;
    playScenario(scenario, this.#stage, this.#ledger, (result) => {
      this.#isRunning = false;
      this.#result = result;
    });
    return true;
  }
}

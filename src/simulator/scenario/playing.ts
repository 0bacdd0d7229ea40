// Is a scenario being played, and what became of it? One at a time.
import type { Stage } from '../faults/fault.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { playScenario, type ScenarioResult } from './play.ts';
import type { Scenario } from './scenario.ts';

export class Playing {
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

// How does a command come by a scenario, and how does it tell what became of it?
import { readFileSync } from 'node:fs';
import type { ScenarioResult } from '../simulator/scenario/play.ts';
import { readScenario } from '../simulator/scenario/read-scenario.ts';
import type { Scenario } from '../simulator/scenario/scenario.ts';
import { CliError, EXIT } from './context.ts';

export function loadScenario(file: string): Scenario {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(`--scenario ${file}: cannot be read (${String(error)})`, EXIT.data);
  }
  const read = readScenario(text, file);
  if (read.kind === 'faulty') throw new CliError(read.faults.join('\n'), EXIT.data);
  return read.scenario;
}

export function resultText({ name, passed, steps, expectations }: ScenarioResult): string {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`.padStart(9);
  return [
    `${name}: ${passed ? 'as expected' : 'NOT as expected'}`,
    ...steps.map(
      ({ atMs, what, refused }) => `${seconds(atMs)}  ${what}${refused === undefined ? '' : `: ${refused}`}`,
    ),
    ...expectations.map(
      ({ byMs, ledger, found, met, fault }) =>
        `${seconds(byMs)}  ${met ? 'met' : 'MISSED'}: ${ledger}, ${found} found${met ? '' : `; ${fault}`}`,
    ),
  ].join('\n');
}

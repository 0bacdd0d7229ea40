// How does a command read a scenario, and how does it report the outcome?
import { readFileSync } from 'node:fs';
import type { ScenarioResult } from '../simulator/scenario/play.ts';
import { readScenario, type ScenarioRead } from '../simulator/scenario/read-scenario.ts';
import { CliError, EXIT } from './context.ts';

export function scenarioText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`;
    const what = code === 'EACCES' ? 'its rights' : 'the path';
    throw new CliError(`--scenario ${file}: ${why}: check ${what}`, EXIT.usage);
  }
}

export function loadScenario(file: string): Extract<ScenarioRead, { kind: 'scenario' }> {
  const read = readScenario(scenarioText(file), file);
  if (read.kind === 'faulty') throw new CliError(read.faults.join('\n'), EXIT.data);
  return read;
}

/** What was traded in it, where an engine has lived through it. */
export interface Traded {
  readonly symbol: string;
  readonly side: string;
  readonly strategy: string;
  /** `open` while it is. */
  readonly reason: string;
  readonly net: string | undefined;
}

export interface ScenarioVerdict extends ScenarioResult {
  readonly file: string;
  readonly trades: readonly Traded[];
  /** What was to be traded and was not, or the other way round; empty where nothing is wrong. */
  readonly fault: string;
}

export function verdictText({ file, trades, fault, ...result }: ScenarioVerdict): string {
  const traded = trades.map(({ symbol, side, strategy, reason, net }) =>
    [
      `   traded  ${symbol} ${side}, ${strategy}, ended by ${reason}`,
      ...(net === undefined ? [] : [`net ${net}`]),
    ].join(', '),
  );
  return [resultText(file, result), ...traded, ...(fault === '' ? [] : [fault])].join('\n');
}

export function resultText(file: string, { name, passed, steps, expectations }: ScenarioResult): string {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`.padStart(9);
  return [
    `${file}: ${name}: ${passed ? 'as expected' : 'NOT as expected'}`,
    ...steps.map(
      ({ atMs, what, refused }) => `${seconds(atMs)}  ${what}${refused === undefined ? '' : `: ${refused}`}`,
    ),
    ...expectations.map(
      ({ byMs, ledger, found, met, fault }) =>
        `${seconds(byMs)}  ${met ? 'met' : 'MISSED'}: ${ledger}, ${found} found${met ? '' : `; ${fault}`}`,
    ),
  ].join('\n');
}

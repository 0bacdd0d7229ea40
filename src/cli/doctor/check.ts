// What has one look of the doctor found? One line: a verdict, what was seen, and what to do about it.
import { snakeKey } from '../../config/camel.ts';
import type { SettingFault, StartCheck } from '../../risk/start-check.ts';

export type Verdict = 'ok' | 'warn' | 'fail' | 'skipped';

export interface Check {
  readonly name: string;
  readonly verdict: Verdict;
  /** What was seen. */
  readonly text: string;
  /** What to do about it; absent where nothing is to be done. */
  readonly remedy?: string;
}

export const ok = (name: string, text: string): Check => ({ name, verdict: 'ok', text });
export const warn = (name: string, text: string, remedy: string): Check => ({ name, verdict: 'warn', text, remedy });
export const fail = (name: string, text: string, remedy: string): Check => ({ name, verdict: 'fail', text, remedy });
export const skipped = (name: string, text: string): Check => ({ name, verdict: 'skipped', text });

/** A faulty setting, under its key. */
export const settingCheck =
  (judge: typeof fail, name: string) =>
  ({ section, key, message }: SettingFault): Check =>
    judge(name, `${section}.${snakeKey(key)}`, message);

/** What `check` has found and `before`, which knew less, has not. */
export function settingChecks(name: string, { faults, warnings }: StartCheck, before: StartCheck): Check[] {
  const told = new Set([...before.faults, ...before.warnings].map(({ message }) => message));
  const isNews = ({ message }: SettingFault): boolean => !told.has(message);
  return [
    ...faults.filter(isNews).map(settingCheck(fail, name)),
    ...warnings.filter(isNews).map(settingCheck(warn, name)),
  ];
}

/** The longest name there is. */
const NAME_WIDTH = 'private stream'.length;

export function checkLine({ name, verdict, text, remedy }: Check): string {
  return `${verdict.padEnd(7)}  ${name.padEnd(NAME_WIDTH)}  ${remedy === undefined ? text : `${text}: ${remedy}`}`;
}

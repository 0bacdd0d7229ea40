// `replay --sweep`: the same recordings under every combination of some settings, side by side.
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { readListing } from '../../backtest/contracts.ts';
import { sizesOf, type Damage } from '../../backtest/files.ts';
import { parseSweep, runSweep, variantsOf, type SweptKey } from '../../backtest/sweep.ts';
import type { VariantResult } from '../../backtest/variant.ts';
import type { Config } from '../../config/schema.ts';
import { systemClock } from '../../lib/clock.ts';
import { CliError, EXIT, type CliContext } from '../context.ts';
import { createProgress } from '../progress.ts';
import { refuseDamage, refuseUnread, toldFault } from './fault.ts';
import { AS_PAPER, type TradeFlags } from './trade.ts';
import { factor, money, percent } from '../report/format.ts';
import { table } from '../report/text.ts';

const VARIANTS_MAX = 10_000;

export interface SweptVariant extends VariantResult {
  readonly set: Readonly<Record<string, string>>;
}

export interface SweepReport {
  readonly variants: readonly SweptVariant[];
  readonly threads: number;
  /** How long it took. */
  readonly seconds: number;
}

export async function sweepRecordings(
  context: CliContext,
  files: readonly string[],
  sweeps: readonly string[],
  { instruments }: TradeFlags,
): Promise<void> {
  const swept = keysOf(sweeps);
  const sets = variantsOf(swept);
  if (sets.length > VARIANTS_MAX) {
    throw new CliError(`--sweep: ${sets.length} variants are more than ${VARIANTS_MAX}: give fewer values`, EXIT.usage);
  }
  const configs = configsOf(context, sets);
  const sizes = await sizesOf(files).catch(toldFault);
  if (instruments !== undefined) await readListing(instruments).catch(toldFault);
  const begun = systemClock.monotonic();
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const progress = createProgress(context.stderr, bytes * sets.length, systemClock);
  const threads = Math.min(availableParallelism(), sets.length);
  const absolute = files.map((file) => path.resolve(context.cwd, file));
  const results = await runSweep(
    configs.map((config) => ({ files: absolute, config, instruments, verify: false })),
    {
      threads,
      onProgress: (read, done) =>
        progress.show(read, `${done} of ${sets.length} ${sets.length === 1 ? 'variant' : 'variants'}`),
    },
  );
  progress.end();
  const damaged = distinct(results.flatMap((result) => result.damaged));
  refuseUnread(absolute, damaged);
  const report: SweepReport = {
    variants: results.map((result, i) => ({ set: namedSet(swept, sets[i] as readonly string[]), ...result })),
    threads,
    seconds: Math.round(systemClock.monotonic() - begun) / 1_000,
  };
  if (context.json) context.printJson(report);
  else context.print(sweepText(report, swept));
  refuseDamage(damaged);
}

function keysOf(sweeps: readonly string[]): readonly SweptKey[] {
  const swept = sweeps.map((text) => {
    const one = parseSweep(text);
    if (one !== undefined) return one;
    const example = '--sweep strategy.max_signal_age_ms=100,200';
    throw new CliError(`--sweep ${text}: must be section.key=value,value, like ${example}`, EXIT.usage);
  });
  const twice = swept.find(({ key }, i) => swept.findIndex((other) => other.key === key) !== i);
  if (twice !== undefined) throw new CliError(`--sweep ${twice.key}: given twice: write one list`, EXIT.usage);
  return swept;
}

/** All mistakes of all variants at once, before anything is run. */
function configsOf(context: CliContext, sets: readonly (readonly string[])[]): readonly Config[] {
  const [first] = sets;
  const errors = new Set<string>();
  const configs: Config[] = [];
  context.loadConfig(AS_PAPER); // what is wrong without any sweep is no matter of it
  for (const set of sets) {
    const { result } = context.tryConfig(undefined, { set: [...AS_PAPER.set, ...set] });
    if (result.ok) configs.push(result.config);
    else for (const error of result.errors) errors.add(sweptError(error, first as readonly string[], set));
  }
  if (errors.size > 0) throw new CliError([...errors].join('\n'), EXIT.usage);
  return configs;
}

/** What the configuration says of `--set KEY` was a value of `--sweep KEY`. */
function sweptError(error: string, keys: readonly string[], set: readonly string[]): string {
  const at = keys.findIndex((pair) => error.startsWith(`--set ${keyOf(pair)}:`));
  if (at < 0) return error;
  const key = keyOf(keys[at] as string);
  const message = error.slice(`--set ${key}`.length);
  return `--sweep ${message.startsWith(': unknown key') ? key : set[at]}${message}`;
}

const keyOf = (pair: string): string => pair.slice(0, pair.indexOf('='));

function namedSet(swept: readonly SweptKey[], set: readonly string[]): Record<string, string> {
  return Object.fromEntries(swept.map(({ key }, i) => [key, (set[i] as string).slice(key.length + 1)]));
}

function sweepText({ variants, threads, seconds }: SweepReport, swept: readonly SweptKey[]): string {
  const keys = swept.map(({ key }) => key);
  const head = [...keys.map(shortName), 'trades', 'win rate', 'net', 'factor', 'drawdown'];
  const rows = variants.map(({ set, figures }) => [
    ...keys.map((key) => set[key] as string),
    `${figures.trades}`,
    percent(figures.winRate),
    money(figures.netProfit),
    factor(figures.profitFactor),
    money(figures.maxDrawdown),
  ]);
  const endings = ['exit reasons', ...variants.map(endingsText)];
  const refused = new Map<string, number>();
  for (const { refused: of } of variants)
    for (const [name, count] of Object.entries(of)) refused.set(name, (refused.get(name) ?? 0) + count);
  const most = [...refused].sort(([, one], [, other]) => other - one).map(([name, count]) => `${name} ${count}`);
  const notes = distinct(variants.flatMap(({ assumptions }) => assumptions));
  const doubts = distinct(variants.flatMap((variant) => variant.doubts));
  return [
    `${variants.length} ${variants.length === 1 ? 'variant' : 'variants'} in ${seconds} s on ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
    '',
    ...table(head, rows).map((line, i) => `${line}  ${endings[i]}`.trimEnd()),
    '',
    ...(most.length === 0 ? [] : [`refused, all variants together: ${most.join(', ')}`]),
    ...notes.map((text) => `taken: ${text}`),
    ...doubts.map((text) => `* doubtful: ${text}`),
  ].join('\n');
}

function endingsText({ byExitReason, openAtEnd, doubts }: SweptVariant): string {
  const endings = byExitReason.map(({ key, trades }) => `${key} ${trades}`);
  if (openAtEnd.length > 0) endings.push(`open ${openAtEnd.length}`);
  return `${endings.join(', ')}${doubts.length > 0 ? ' *' : ''}`;
}

/** Without its section: the head of a column is narrow. */
const shortName = (key: string): string => key.slice(key.indexOf('.') + 1);

function distinct<T extends string | Damage>(all: readonly T[]): readonly T[] {
  return [...new Map(all.map((one) => [JSON.stringify(one), one])).values()];
}

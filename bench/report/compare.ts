// What has changed between two results? `npm run bench -- compare A.json B.json`
import { readFileSync } from 'node:fs';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Change {
  readonly what: string;
  readonly before: number;
  readonly after: number;
  /** After over before. */
  readonly ratio: number;
  /** The larger of both spreads, where they were told. */
  readonly spread: number | undefined;
}

export interface Comparison {
  /** Why the figures may not be of the same thing: another machine, another Node, other frames. */
  readonly differences: readonly string[];
  readonly changes: readonly Change[];
  readonly onlyBefore: readonly string[];
  readonly onlyAfter: readonly string[];
}

export class ResultError extends Error {
  override readonly name = 'ResultError';
}

/** What two results must share to be comparable. */
const CONTEXT = ['quick', 'peers', 'machine', 'node', 'seed', 'sha256', 'terms'] as const;
/** Numbers that say what a row is, and those that say how often it was looked at: none of them says how it went. */
const IDENTITY = new Set(['depth', 'rate', 'symbols', 'workers']);
const COUNTS = new Set(['rounds', 'runs', 'frames', 'garbageOps', 'times']);
/** Words that say how it went, and not what a row is. */
const SAYS = new Set(['version', 'result', 'note', 'indexes', 'sequential']);
const SKIPPED = new Set([
  ...CONTEXT,
  ...SAYS,
  ...IDENTITY,
  ...COUNTS,
  'bench',
  'source',
  'streams',
  'threads',
  'loadedMicros',
]);

export function readResult(file: string): { readonly [key: string]: Json } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ResultError(`${file} cannot be read: ${(error as Error).message}`);
  }
  try {
    const value = JSON.parse(text) as Json;
    if (isObject(value) && typeof value.bench === 'string') return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new ResultError(`${file} is no result: make one with --json`);
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Some rows tell figures as people read them: `17.5`, `1.05×`, `40 %`. */
function figureOf(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value;
  const [, digits, unit] = (typeof value === 'string' && /^(-?\d+(?:\.\d+)?)(×| %)?$/.exec(value)) || [];
  return digits === undefined ? undefined : Number(digits) / (unit === ' %' ? 100 : 1);
}

/** `spread p50` of a row stands for all of its figures. */
function gather(
  value: Json,
  name: string,
  spread: number | undefined,
  into: Map<string, [number, number | undefined]>,
) {
  const figure = figureOf(value);
  if (figure !== undefined) into.set(name, [figure, spread]);
  else if (Array.isArray(value)) {
    for (const [place, item] of value.entries()) {
      gather(item, [name, isObject(item) ? nameOf(item) : String(place)].filter(Boolean).join(' · '), spread, into);
    }
  } else if (isObject(value)) {
    const own = figureOf(value.spread);
    for (const [key, item] of Object.entries(value)) {
      if (key === 'spread' || SKIPPED.has(key)) continue;
      gather(item, [name, key === 'rows' || key === 'tables' ? '' : key].filter(Boolean).join(' · '), own, into);
    }
  }
}

/** All that a row says in words, and the numbers that say what it is; versions change, and the row is the same. */
function nameOf(row: { readonly [key: string]: Json }): string {
  return Object.entries(row)
    .filter(
      ([key, value]) =>
        (typeof value === 'string' && figureOf(value) === undefined && value !== '–' && !SAYS.has(key)) ||
        IDENTITY.has(key),
    )
    .map(([, value]) => (typeof value === 'string' ? value : JSON.stringify(value)))
    .join(' ');
}

export function compareResults(
  before: { readonly [key: string]: Json },
  after: { readonly [key: string]: Json },
): Comparison {
  if (before.bench !== after.bench)
    throw new ResultError(`${JSON.stringify([before.bench, after.bench])}: of two benches no figure is the same`);
  const differences = CONTEXT.filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key])).map(
    (key) => `${key}: ${JSON.stringify(before[key])} and ${JSON.stringify(after[key])}`,
  );
  const old = new Map<string, [number, number | undefined]>();
  const now = new Map<string, [number, number | undefined]>();
  gather(before, '', undefined, old);
  gather(after, '', undefined, now);
  const changes = [...old].flatMap(([what, [was, spread]]): Change[] => {
    const found = now.get(what);
    if (found === undefined) return [];
    const [is, other] = found;
    const spreads = [spread, other].filter((one) => one !== undefined);
    return [
      {
        what,
        before: was,
        after: is,
        ratio: was === is ? 1 : is / was,
        spread: spreads.length === 0 ? undefined : Math.max(...spreads),
      },
    ];
  });
  return {
    differences,
    changes,
    onlyBefore: [...old.keys()].filter((what) => !now.has(what)),
    onlyAfter: [...now.keys()].filter((what) => !old.has(what)),
  };
}

/** Beyond its own spread, and by a twentieth at least. */
const NOTABLE = 0.05;

function isNotable({ ratio, spread = 0 }: Change): boolean {
  return !Number.isFinite(ratio) || Math.abs(ratio - 1) > Math.max(NOTABLE, spread);
}

export function describeComparison({ differences, changes, onlyBefore, onlyAfter }: Comparison): string {
  const notable = changes.filter(isNotable);
  const number = (value: number): string => String(Math.round(value * 1_000) / 1_000);
  return [
    ...differences.map((one) => `not the same: ${one}`),
    ...notable.map(
      ({ what, before, after, ratio, spread }) =>
        `${what}: ${number(before)} → ${number(after)}, ${ratio.toFixed(2)}×` +
        (spread === undefined ? '' : ` (spread ${(spread * 100).toFixed(0)} %)`),
    ),
    `${notable.length} of ${changes.length} figures have changed by more than their spread and 5 %`,
    ...onlyBefore.map((what) => `only before: ${what}`),
    ...onlyAfter.map((what) => `only after: ${what}`),
    '',
  ].join('\n');
}

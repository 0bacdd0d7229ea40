// What did the command line put in place of the file, and which flag said so?
import { isDeepStrictEqual } from 'node:util';
import { parseDocument } from 'yaml';

export interface Overrides {
  readonly environment?: string | undefined;
  readonly seed?: string | undefined;
  readonly mode?: string | undefined;
  readonly stateDir?: string | undefined;
  /** `section.key=value`, the value as YAML. */
  readonly set?: readonly string[] | undefined;
  /** The same of a file that is not the configuration: after the flags, and told by its place there. */
  readonly written?: readonly { readonly place: string; readonly text: string }[] | undefined;
}

export interface Override {
  readonly flag: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

type Parsed = { readonly ok: true; readonly override: Override } | { readonly ok: false; readonly error: string };

const KEY = /^[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*){1,2}$/;

function parseSet(text: string, flag = `--set ${text.split('=', 1)[0]}`): Parsed {
  const equals = text.indexOf('=');
  const key = equals < 0 ? '' : text.slice(0, equals).trim();
  if (!KEY.test(key)) {
    return { ok: false, error: `${flag}: must be section.key=value, like --set strategy.cluster_max_levels=4` };
  }
  const refused = (why: string): Parsed => ({ ok: false, error: `${flag}: the value is no YAML: ${why}` });
  const doc = parseDocument(text.slice(equals + 1), { prettyErrors: false, logLevel: 'error' });
  const [fault] = [...doc.errors, ...doc.warnings];
  if (fault !== undefined) return refused(fault.message);
  try {
    return { ok: true, override: { flag, path: key.split('.'), value: doc.toJS() as unknown } };
  } catch (error) {
    return refused((error as Error).message);
  }
}

/** Numbers come from the shell as text; what is no number stays text, and the schema says what is wrong with it. */
const numeric = (text: string): string | number => (/^-?\d+(?:\.\d+)?(?:e\d+)?$/.test(text) ? Number(text) : text);

const partOf = (value: unknown, path: readonly string[]): unknown =>
  path.reduce((at: unknown, key) => (at as Record<string, unknown> | null | undefined)?.[key], value);

/** By a word on the same key, on what lies below it, or on what it lies in. One more key in what is there contradicts nothing. */
function isContradicted(before: Override, now: Override): boolean {
  const shared = Math.min(before.path.length, now.path.length);
  if (!isDeepStrictEqual(before.path.slice(0, shared), now.path.slice(0, shared))) return false;
  const was = partOf(before.value, now.path.slice(shared));
  const is = partOf(now.value, before.path.slice(shared));
  return was !== undefined && !isDeepStrictEqual(was, is);
}

/** Of several `--set` of one key the last counts, but not of which exchange is meant; nor does a flag silence a `--set` of its key. */
function contradictions(set: readonly Override[], flags: readonly Override[]): string[] {
  const said = [...set, ...flags];
  return said.flatMap((now, i) => {
    const { flag, path, value } = now;
    if (i < set.length && path[0] !== 'exchange') return [];
    const before = said.slice(0, i).find((one) => isContradicted(one, now));
    if (before === undefined) return [];
    const [is, was] = [JSON.stringify(value), JSON.stringify(before.value)];
    return [`${flag}: is ${is}, but ${before.flag} is ${was}: leave one of the two out`];
  });
}

export function parseOverrides(overrides: Overrides): { overrides: Override[]; errors: string[] } {
  const set = (overrides.set ?? []).map((text) => parseSet(text));
  const written = (overrides.written ?? []).map(({ place, text }) => parseSet(text, place));
  const flags: Override[] = [];
  const put = (flag: string, path: string[], value: unknown): void => {
    if (value !== undefined) flags.push({ flag, path, value });
  };
  put('--environment', ['exchange', 'environment'], overrides.environment);
  put('--mode', ['trading', 'mode'], overrides.mode);
  put('--seed', ['simulator', 'seed'], overrides.seed === undefined ? undefined : numeric(overrides.seed));
  put('--state-dir', ['state', 'dir'], overrides.stateDir);
  const sound = (parsed: readonly Parsed[]): Override[] => parsed.flatMap((one) => (one.ok ? [one.override] : []));
  return {
    overrides: [...sound(set), ...sound(written), ...flags],
    errors: [
      ...[...set, ...written].flatMap((one) => (one.ok ? [] : [one.error])),
      ...contradictions(sound(set), flags),
    ],
  };
}

/** Writes the override into the raw configuration, also where a value stands in place of a section. */
export function applyOverride(root: Record<string, unknown>, { path, value }: Override): void {
  let at = root;
  for (const key of path.slice(0, -1)) {
    const next = at[key];
    if (typeof next !== 'object' || next === null || Array.isArray(next)) at[key] = {};
    at = at[key] as Record<string, unknown>;
  }
  at[path.at(-1) as string] = value;
}

/** The override that wrote the key at `path`, a part of it, or the section that it is; the last one counts. */
export function flagFor(overrides: readonly Override[], path: readonly PropertyKey[]): string | undefined {
  return overrides.findLast((item) => item.path.every((key, index) => index >= path.length || key === path[index]))
    ?.flag;
}

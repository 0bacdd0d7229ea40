// What is wrong with a value, and what should be written instead?
import type { z } from 'zod';
import { nearest } from './suggest.ts';
import { SECTIONS } from './schema.ts';

type Issue = z.core.$ZodIssue;

const KINDS: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  string: 'a text',
  array: 'a list like [A, B]',
  object: 'a section of keys',
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    root,
  );
}

/** What stood there; never of the address of alerts, which may be a secret, and of keys that name secrets, where one may have been pasted. */
function got(root: unknown, path: readonly PropertyKey[]): string {
  if (path.some((key) => key === 'webhook_url' || String(key).endsWith('_env'))) return '';
  const value = valueAt(root, path);
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'nothing');
  return `, not ${text.length > 60 ? `${text.slice(0, 57)}…` : text}`;
}

/** What is read here of a section or a key. */
interface Described {
  readonly shape?: Readonly<Record<string, Described>>;
  readonly minValue?: number | null;
  readonly maxValue?: number | null;
  unwrap?(): Described;
  meta?(): { readonly unit?: string } | undefined;
}

const inside = (described: Described | undefined): Described => described?.unwrap?.() ?? described ?? {};

function describedAt(path: readonly PropertyKey[]): Described | undefined {
  const root: Described = { shape: SECTIONS as unknown as Readonly<Record<string, Described>> };
  return path.reduce<Described | undefined>((at, key) => inside(at).shape?.[String(key)], root);
}

function keysAt(path: readonly PropertyKey[]): string[] {
  return Object.keys(inside(describedAt(path)).shape ?? {});
}

/** ` within 2 … 16 levels`; '' of what is no number. */
function allowed(path: readonly PropertyKey[]): string {
  const described = describedAt(path);
  const { minValue, maxValue } = inside(described);
  if (typeof minValue !== 'number' || typeof maxValue !== 'number') return '';
  return ` within ${minValue} … ${maxValue} ${described?.meta?.()?.unit ?? ''}`.trimEnd();
}

function unknownKey(path: readonly PropertyKey[], key: string): string {
  const here = keysAt(path);
  const near = nearest(key, here);
  const home = Object.keys(SECTIONS).find((name) => keysAt([name]).includes(key));
  if (home !== undefined) return `unknown key here: it belongs in the section ${home}`;
  if (near?.endsWith('_env') === true) {
    return `unknown key: did you mean ${near}? It names an environment variable; the secret itself goes into .env`;
  }
  if (near !== undefined) return `unknown key: did you mean ${near}?`;
  return `unknown key: remove it; known here: ${here.join(', ')}`;
}

function isSafeBound(issue: Issue & { code: 'too_small' | 'too_big' }): boolean {
  const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum;
  return Math.abs(Number(bound)) === Number.MAX_SAFE_INTEGER;
}

function range(root: unknown, issue: Issue & { code: 'too_small' | 'too_big' }): string {
  if (issue.origin === 'array') return 'must name at least 1';
  if (issue.origin === 'string') return 'must not be empty';
  return `must be${allowed(issue.path)}${got(root, issue.path)}`;
}

export interface Explained {
  readonly path: readonly PropertyKey[];
  readonly aim: 'key' | 'value';
  readonly message: string;
}

/** One line a fault; an object with three unknown keys is three faults. */
export function explain(root: unknown, issue: Issue): Explained[] {
  const one = (message: string): Explained[] => [{ path: issue.path, aim: 'value', message }];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        aim: 'key',
        message: unknownKey(issue.path, key),
      }));
    case 'invalid_type': {
      const kind = KINDS[issue.expected] ?? issue.expected;
      const hint = isRecord(valueAt(root, issue.path)) ? ': it takes a value, not a section' : '';
      return one(`must be ${kind}${allowed(issue.path)}${got(root, issue.path)}${hint}`);
    }
    case 'invalid_value': {
      if (issue.values.length === 1 && typeof issue.values[0] === 'boolean') return one(issue.message);
      const values = issue.values.map(String);
      const near = nearest(String(valueAt(root, issue.path)), values);
      const list = values.length === 1 ? `must be ${values[0]}` : `must be one of ${values.join(', ')}`;
      return one(`${list}${got(root, issue.path)}${near === undefined ? '' : `; did you mean ${near}?`}`);
    }
    case 'too_small':
    case 'too_big':
      // Every whole number has bounds of its own, which say more than those of exact ones.
      return isSafeBound(issue) ? [] : one(range(root, issue));
    case 'invalid_union': {
      // A list was written: its own faults say more than "neither of both".
      const inner = issue.errors.find((branch) => branch.some((fault) => fault.path.length > 0));
      if (inner === undefined) return one(`${issue.message}${got(root, issue.path)}`);
      return inner.flatMap((fault) => explain(root, { ...fault, path: [...issue.path, ...fault.path] } as Issue));
    }
    default:
      return one(`${issue.message}${got(root, issue.path)}`);
  }
}

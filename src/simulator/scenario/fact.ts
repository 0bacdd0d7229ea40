// Does a line of the ledger say what was expected? Texts as they are, amounts exactly.
import type { LedgerLine } from '../ledger/ledger.ts';
import type { Where } from './scenario.ts';

const DECIMALS = 12;

/** In units of 10^-12; undefined for a text that is no plain decimal. */
function exact(text: string): bigint | undefined {
  const match = /^(-?)(\d+)(?:\.(\d{1,12}))?$/.exec(text);
  if (match === null) return undefined;
  const amount = BigInt(`${match[2]}${(match[3] ?? '').padEnd(DECIMALS, '0')}`);
  return match[1] === '-' ? -amount : amount;
}

/** Undefined for what is no single value. */
function textOf(value: unknown): string | undefined {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}

function same(found: unknown, wanted: string | number | boolean | null): boolean {
  const text = textOf(found);
  if (text === undefined || wanted === null || typeof wanted === 'boolean') return found === wanted;
  const [a, b] = [exact(text), exact(String(wanted))];
  return a !== undefined && b !== undefined ? a === b : text === String(wanted);
}

function within(found: unknown, above: string | undefined, below: string | undefined): boolean {
  const value = exact(textOf(found) ?? '');
  if (value === undefined) return false;
  const [least, most] = [above, below].map((bound) => (bound === undefined ? undefined : exact(bound)));
  return (least === undefined || value > least) && (most === undefined || value < most);
}

/** `stopLoss.price` reaches into what a line holds. */
function at(line: LedgerLine, path: string): unknown {
  let value: unknown = line;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return value === null ? null : undefined;
    value = (value as Readonly<Record<string, unknown>>)[key];
  }
  return value;
}

export function fits(line: LedgerLine, where: Where): boolean {
  return Object.entries(where).every(([path, wanted]) => {
    const found = at(line, path);
    return typeof wanted === 'object' && wanted !== null
      ? within(found, wanted.above, wanted.below)
      : same(found, wanted);
  });
}

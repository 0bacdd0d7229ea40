// Which fields does a message have, and how are their values spelt? What can be compared of two messages with other numbers.

interface Field {
  readonly formats: Set<string>;
  readonly values: Set<unknown>;
}
type Shape = ReadonlyMap<string, Field>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[45][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function formatOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'fraction';
  if (typeof value !== 'string') return typeof value;
  if (value === '') return 'empty';
  if (UUID.test(value)) return `uuid ${value[14]}`;
  if (/^1\d{12}$/.test(value)) return 'time';
  const decimal = /^-?\d+(?:\.(\d+))?$/.exec(value);
  return decimal === null ? 'text' : `decimals ${decimal[1]?.length ?? 0}`;
}

function collect(value: unknown, path: string, into: Map<string, Field>): void {
  if (typeof value === 'object' && value !== null) {
    const entries = Array.isArray(value) ? value.map((item: unknown) => ['[]', item] as const) : Object.entries(value);
    for (const [name, item] of entries) collect(item, path === '' ? name : `${path}.${name}`, into);
    return;
  }
  const field = into.get(path) ?? { formats: new Set(), values: new Set() };
  into.set(path, field);
  field.formats.add(formatOf(value));
  field.values.add(value);
}

function shapeOf(messages: readonly unknown[]): Shape {
  const shape = new Map<string, Field>();
  for (const message of messages) collect(message, '', shape);
  return shape;
}

/** Of so many different values one would end in a zero if zeros were dropped. */
const PADDED_FROM = 20;

const isDecimal = (format: string): boolean => format.startsWith('decimals');

export interface Comparison {
  readonly real: readonly unknown[];
  readonly ours: readonly unknown[];
  /** Real rows are known to lack fields: only those that they have are compared. */
  readonly partial?: boolean;
}

/** How our messages differ from the real ones: `name: what`. */
export function differences(name: string, { real, ours, partial = false }: Comparison): string[] {
  const [theirs, own] = [shapeOf(real), shapeOf(ours)];
  const missing = [...theirs.keys()].filter((path) => !own.has(path)).map((path) => `${name} ${path}: missing`);
  const more = partial
    ? []
    : [...own.keys()].filter((path) => !theirs.has(path)).map((path) => `${name} ${path}: not there`);
  const spelt = [...own].flatMap(([path, { formats }]) => {
    const field = theirs.get(path);
    if (field === undefined) return [];
    const known = field.formats;
    // Plain decimals lose their zeros: any number of them is one spelling, except where the real ones are padded.
    const padded = known.size === 1 && field.values.size >= PADDED_FROM;
    const anyDecimal = [...known].some(isDecimal) && !padded;
    const odd = [...formats].filter((format) => !known.has(format) && !(anyDecimal && isDecimal(format)));
    return odd.map((format) => `${name} ${path}: ${format} in place of ${[...known].join(', ')}`);
  });
  return [...missing, ...more, ...spelt];
}

/** The names of a message in the order of its text, arrays by their first element. */
export function namesInOrder(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return namesInOrder(value[0]);
  return Object.entries(value).flatMap(([name, item]) => [
    name,
    ...namesInOrder(item).map((inner) => `${name}.${inner}`),
  ]);
}

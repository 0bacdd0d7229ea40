// What does the file say, and on which line and column does it say it?
import { isAlias, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Document, Pair } from 'yaml';

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface Read {
  readonly value: unknown;
  /** `line:column what is wrong` of all that YAML itself refuses. */
  readonly faults: readonly { readonly place: Place; readonly message: string }[];
  /** Where a key stands; where it does not stand, the nearest section that does. */
  readonly placeOf: (path: readonly PropertyKey[], aim: 'key' | 'value') => Place;
}

/** What is no YAML at all breaks at every word, and all but the first of it only follows. */
const FAULTS_MAX = 20;

function pairOf(node: unknown, key: PropertyKey, doc: Document): Pair | undefined {
  const map = isAlias(node) ? node.resolve(doc) : node;
  if (!isMap(map)) return undefined;
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === String(key));
}

const startOf = (node: unknown): number | undefined =>
  typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range)
    ? (node.range[0] as number)
    : undefined;

export function readYaml(source: string): Read {
  const lines = new LineCounter();
  // What it would warn of past us, on stderr, is a key that the schema refuses with its place.
  const doc = parseDocument(source, { lineCounter: lines, prettyErrors: false, logLevel: 'error' });
  const place = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const told = ({ code, message, pos }: Document['errors'][number] | Document['warnings'][number]): string => {
    if (code === 'MULTIPLE_DOCS') return 'a second document begins here: put everything into one, without this line';
    if (code !== 'DUPLICATE_KEY') return message;
    return `${/[\w.-]+/.exec(source.slice(pos[0]))?.[0]}: is twice in its section: remove one of the two`;
  };
  const faults = [...doc.errors, ...doc.warnings].slice(0, FAULTS_MAX).map((error) => ({
    place: place(error.pos[0]),
    message: told(error),
  }));
  let value: unknown;
  if (faults.length === 0) {
    try {
      value = doc.toJS() as unknown;
    } catch (error) {
      faults.push({ place: { line: 1, column: 1 }, message: (error as Error).message });
    }
  }
  const placeOf = (path: readonly PropertyKey[], aim: 'key' | 'value'): Place => {
    let node: unknown = doc.contents;
    let offset = startOf(node) ?? 0;
    for (const [index, step] of path.entries()) {
      const pair = pairOf(node, step, doc);
      const item =
        pair === undefined && typeof step === 'number' ? doc.getIn(path.slice(0, index + 1), true) : undefined;
      const last = index === path.length - 1;
      node = pair === undefined ? item : pair.value;
      offset =
        (last && aim === 'key' && pair !== undefined ? startOf(pair.key) : startOf(node)) ??
        startOf(pair?.key) ??
        offset;
    }
    return place(offset);
  };
  return { value, faults, placeOf };
}

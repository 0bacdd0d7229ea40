// Has a secret got out? Every text that was written is looked through, for each secret in every form that a text can give it.

export interface Canary {
  readonly name: string;
  readonly value: string;
}

/** A part of a secret is a secret told: messages are cut, keys are masked in the middle. Any fifteen characters hold one of these. */
const PART = 12;
const STEP = 4;

const inJson = (text: string): string => JSON.stringify(text).slice(1, -1);
const escaped = (text: string): string =>
  text
    .split('')
    .map((one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');

/** What of its base64 does not depend on what stands before and after it. */
function inBase64(text: string, before: number): string {
  const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
  const from = Math.ceil((before * 8) / 6);
  const whole = Math.floor((bytes.length * 8) / 6);
  return bytes.toString('base64').slice(from, whole);
}

/** By name, how a text may carry it. */
export function formsOf(value: string): ReadonlyMap<string, string> {
  const base64 = [0, 1, 2].map((before) => [`base64 after ${before}`, inBase64(value, before)] as const);
  return new Map([
    ['as it is', value],
    ['in JSON', inJson(value)],
    ['in JSON within JSON', inJson(inJson(value))],
    ['in an address', encodeURIComponent(value)],
    ['in a form', new URLSearchParams({ v: value }).toString().slice(2)],
    ['in HTML', value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
    ['in hexadecimal', Buffer.from(value).toString('hex')],
    ['in escapes', escaped(value)],
    ['backwards', value.split('').toReversed().join('')],
    ...base64,
    ...base64.map(
      ([name, text]) => [`${name}, for addresses`, text.replaceAll('+', '-').replaceAll('/', '_')] as const,
    ),
  ]);
}

function needlesOf(value: string): readonly (readonly [form: string, needle: string])[] {
  const starts = Array.from({ length: Math.floor((value.length - PART) / STEP) + 1 }, (_, at) => at * STEP);
  const parts = starts.map((at) => value.slice(at, at + PART));
  return [
    ...formsOf(value),
    ...parts.flatMap((part) => [
      ['a part of it', part] as const,
      ['a part of it in JSON', inJson(part)] as const,
      ['a part of it in an address', encodeURIComponent(part)] as const,
    ]),
  ];
}

/** Room that a file has in reserve is zeros. */
function endOf(bytes: Buffer): number {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}

export class Collector {
  readonly #needles: readonly (readonly [name: string, form: string, needle: string])[];
  readonly #found = new Set<string>();
  readonly #bytes = new Map<string, number>();

  constructor(canaries: readonly Canary[]) {
    this.#needles = canaries.flatMap(({ name, value }) =>
      needlesOf(value).map(([form, needle]) => [name, form, needle] as const),
    );
  }

  /** Bytes are read as latin1: whatever file they are of, what is ASCII in them is found. */
  look(place: string, written: string | Buffer): void {
    const text = typeof written === 'string' ? written : written.toString('latin1', 0, endOf(written));
    this.#bytes.set(place, (this.#bytes.get(place) ?? 0) + text.length);
    for (const [name, form, needle] of this.#needles)
      if (text.includes(needle)) this.#found.add(`${place}: the ${name}, ${form}`);
  }

  get found(): readonly string[] {
    return [...this.#found];
  }

  /** How much was looked through, place by place. */
  get bytes(): ReadonlyMap<string, number> {
    return this.#bytes;
  }
}

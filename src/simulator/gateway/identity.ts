// What do the exchange's random names look like?
import type { Rng } from '../../lib/rng.ts';

function letters(rng: Rng, count: number, alphabet: string): string {
  return Array.from({ length: count }, () => alphabet[rng.below(alphabet.length)]).join('');
}

const HEX = '0123456789abcdef';

export function traceIdFrom(rng: Rng): string {
  return letters(rng, 32, HEX);
}

/** A version-4 UUID. */
export function uuidFrom(rng: Rng): string {
  const hex = letters(rng, 32, HEX);
  const variant = '89ab'[rng.below(4)] as string;
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** `d9simq4k7nd0c73prv20-p` */
export function connectionIdFrom(rng: Rng, ending: string): string {
  return `${letters(rng, 20, '0123456789abcdefghijklmnopqrstuv')}-${ending}`;
}

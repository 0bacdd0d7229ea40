// Is this text a JSON object?
import { parseJson } from '../../lib/parse-json.ts';
import type { Params } from '../venue/venue.ts';

/** Undefined for anything else. */
export function readObject(text: string): Params | undefined {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Params) : undefined;
}

// Is this text a JSON object?
import type { Params } from '../venue/venue.ts';

/** Undefined for anything else. */
export function readObject(text: string): Params | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Params) : undefined;
  } catch {
    return undefined;
  }
}

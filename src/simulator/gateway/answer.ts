// What does an endpoint see of a request, and what does it say?
import type { Market } from '../market.ts';
import type { Params, Venue } from '../venue/venue.ts';
import { type Account, type ApiKey, isRefusal, type Refusal } from '../venue/model.ts';
import type { WireVariants } from './wire-variants.ts';

export interface Call {
  readonly market: Market;
  readonly venue: Venue;
  readonly key: ApiKey;
  readonly account: Account;
  /** The query, or the body's object. */
  readonly params: Params;
  readonly nowMs: number;
  readonly variants: WireVariants;
}

/** What befalls a request on command: it is answered so, and carried out before that or not. */
export interface Mishap {
  readonly executed: boolean;
  readonly answer: Refusal;
  /** Over REST an HTTP status other than 200 is sent with `body` in place of an envelope. */
  readonly status?: number;
  readonly body?: string;
}

export interface Answer {
  readonly retCode: number;
  readonly retMsg: string;
  readonly result: object;
  readonly retExtInfo?: object;
}

/** Kinds of contracts that exist, but of which there is nothing here. */
export const ELSEWHERE: ReadonlySet<string> = new Set(['spot', 'inverse', 'option']);

export function ok(result: object = {}): Answer {
  return { retCode: 0, retMsg: 'OK', result };
}

export function refuse({ code, text }: Refusal, result: object = {}): Answer {
  return { retCode: code, retMsg: text, result };
}

export function wrong(text: string): Answer {
  return { retCode: 10_001, retMsg: text, result: {} };
}

/** What is refused is said so; all else is printed. */
export function answerOf<T extends object>(value: T | Refusal, print: (value: T) => object = () => ({})): Answer {
  return isRefusal(value) ? refuse(value) : ok(print(value));
}

/** A parameter as text; undefined where it is missing or empty. */
export function textOf(params: Params, name: string): string | undefined {
  const value = params[name];
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

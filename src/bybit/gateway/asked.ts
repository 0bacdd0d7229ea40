// What became of one request to the exchange, and may it have been carried out?
import { isAmbiguous, refusalClassOf } from '../../order/answer.ts';
import { type Fields, fieldsOf, integerOf, textOf } from '../fields.ts';
import type { Answer } from '../../order/gateway.ts';

export type Asked =
  | {
      readonly kind: 'answered';
      readonly code: number;
      readonly text: string;
      readonly result: Fields;
      readonly timeMs: number;
    }
  /** It may have been carried out, and it may not. */
  | { readonly kind: 'lost'; readonly reason: string }
  | { readonly kind: 'unsent'; readonly reason: string };

/** HTTP 401: the key, or its absence, was refused before anything was looked at. */
const UNAUTHORISED = 401;
const TEXT_MAX = 200;

/** Of a V5 envelope, over REST or the trade socket; undefined for anything else. */
export function envelopeOf(body: unknown): (Asked & { readonly kind: 'answered' }) | undefined {
  const fields = fieldsOf(body);
  if (typeof fields.retCode !== 'number') return undefined;
  return {
    kind: 'answered',
    code: fields.retCode,
    text: textOf(fields.retMsg).slice(0, TEXT_MAX),
    result: fieldsOf(fields.result ?? fields.data),
    timeMs: integerOf(fields.time, 0),
  };
}

/** `linkId`: of the order that was asked about; an answer that names another one is an answer to something else (O31). */
export function answerOf(asked: Asked, linkId: string | undefined): Answer {
  if (asked.kind === 'unsent') return { outcome: 'not-sent', reason: asked.reason };
  if (asked.kind === 'lost') return { outcome: 'unknown', reason: asked.reason };
  const { code, text, result } = asked;
  if (code === 0) {
    const named = textOf(result.orderLinkId);
    if (linkId !== undefined && named !== linkId)
      return { outcome: 'unknown', reason: `the answer names order '${named}'` };
    return { outcome: 'accepted', orderId: textOf(result.orderId) };
  }
  const group = code === UNAUTHORISED ? 'auth' : refusalClassOf(code, text);
  // A duplicate has been carried out before, by the request of the same link id: that is known, not open.
  if (isAmbiguous(group) && group !== 'duplicate') return { outcome: 'unknown', reason: `${code} ${text}` };
  return { outcome: 'refused', class: group, code, text };
}

export function failureOf(asked: Asked): string | undefined {
  if (asked.kind !== 'answered') return asked.reason;
  return asked.code === 0 ? undefined : `${asked.code} ${asked.text}`;
}

/** The exchange takes nothing by this key. */
export function isKeyRefused(asked: Asked): boolean {
  const answer = answerOf(asked, undefined);
  return answer.outcome === 'refused' && answer.class === 'auth';
}

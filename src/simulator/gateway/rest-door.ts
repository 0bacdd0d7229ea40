// What does a signed REST request get? Who asks is checked, what he asks carried out, and the answer put into its envelope.
import type { Params } from '../venue/venue.ts';
import { isRefusal } from '../venue/words.ts';
import { no, type Said } from './answer.ts';
import { carryOut, type Office } from './errand.ts';
import { readObject } from './json.ts';
import { quotaHeaders } from './rate-limit.ts';
import { ROUTES } from './routes.ts';
import { checkRequest } from './sign.ts';

export interface RestRequest {
  readonly method: string;
  readonly path: string;
  /** As it was received, without the question mark. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As it was received. */
  readonly body: string | Uint8Array;
}

export interface RestReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const SIGNED = ['x-bapi-api-key', 'x-bapi-timestamp', 'x-bapi-recv-window', 'x-bapi-sign'] as const;
const UNAUTHORISED: RestReply = { status: 401, headers: {}, body: '' };

/** Undefined for a path that is none of the signed ones. */
export function answerSigned(office: Office, request: RestRequest, nowMs: number): RestReply | undefined {
  const { method, path, query, body } = request;
  const route = ROUTES.get(path);
  if (route === undefined) return undefined;
  if (route.method !== method)
    return { ...envelope(no({ code: 10_017, text: 'Route not found.' }), nowMs), status: 404 };
  if (method === 'GET' && body.length > 0) return { status: 403, headers: {}, body: 'Forbidden' };
  const [name, timestamp, window, signature] = SIGNED.map((header) => request.headers[header]?.toString());
  if (name === undefined || timestamp === undefined || signature === undefined) return UNAUTHORISED;
  const raw = method === 'GET' ? query : body;
  const signed = { key: name, timestamp, window, signature };
  const key = checkRequest(office.market.venue.keys, signed, raw, nowMs);
  if (isRefusal(key)) {
    const byStatus = key.code === 10_003 && office.variants.unknownKey === 'status';
    return byStatus ? UNAUTHORISED : envelope(no(key), nowMs);
  }
  const params = method === 'GET' ? Object.fromEntries(new URLSearchParams(query)) : readBody(body);
  const { said, quota, mishap } = carryOut(office, { door: 'rest', route, key, params, nowMs });
  if (mishap?.status !== undefined) return { status: mishap.status, headers: {}, body: mishap.body ?? '' };
  const headers = { ...quotaHeaders(quota), Traceid: office.traceId(), Timenow: String(nowMs) };
  return { ...envelope(said, nowMs), headers };
}

function envelope({ retCode, retMsg, result, retExtInfo = {} }: Said, nowMs: number): RestReply {
  return { status: 200, headers: {}, body: JSON.stringify({ retCode, retMsg, result, retExtInfo, time: nowMs }) };
}

/** An empty body is an empty object. */
function readBody(body: string | Uint8Array): Params | undefined {
  return body.length === 0 ? {} : readObject(Buffer.from(body).toString());
}

// What does a signed REST request get? Who asks is checked, what he asks carried out, and the answer put into its envelope.
import { type HttpAnswer, type HttpRequest, jsonAnswer } from '../http.ts';
import { isRefusal } from '../venue/model.ts';
import { type Answer, refuse } from './answer.ts';
import { execute, type RequestContext } from './signed-request.ts';
import { readObject } from './json.ts';
import { quotaHeaders } from './rate-limit.ts';
import { ROUTES } from './routes.ts';
import { checkRequest } from './sign.ts';

const SIGNED = ['x-bapi-api-key', 'x-bapi-timestamp', 'x-bapi-recv-window', 'x-bapi-sign'] as const;
const UNAUTHORISED: HttpAnswer = { status: 401, headers: {}, body: '' };

/** Undefined for a path that is none of the signed ones. */
export function answerSigned(context: RequestContext, request: HttpRequest, nowMs: number): HttpAnswer | undefined {
  const { method, path, query, body } = request;
  const route = ROUTES.get(path);
  if (route === undefined) return undefined;
  if (route.method !== method)
    return { ...envelope(refuse({ code: 10_017, text: 'Route not found.' }), nowMs), status: 404 };
  if (method === 'GET' && body.length > 0) return { status: 403, headers: {}, body: 'Forbidden' };
  const [name, timestamp, window, signature] = SIGNED.map((header) => request.headers[header]);
  if (name === undefined || timestamp === undefined || signature === undefined) return UNAUTHORISED;
  const raw = method === 'GET' ? query : body;
  const signed = { key: name, timestamp, window, signature };
  const key = checkRequest(context.market.venue.keys, signed, raw, nowMs);
  if (isRefusal(key)) {
    const byStatus = key.code === 10_003 && context.variants.unknownKey === 'status';
    return byStatus ? UNAUTHORISED : envelope(refuse(key), nowMs);
  }
  const params =
    method === 'GET' ? Object.fromEntries(new URLSearchParams(query)) : readObject(body === '' ? '{}' : body);
  const { answer, quota, mishap } = execute(context, { door: 'rest', route, key, params, nowMs });
  if (mishap?.status !== undefined) return { status: mishap.status, headers: {}, body: mishap.body ?? '' };
  const headers = { ...quotaHeaders(quota), Traceid: context.traceId(), Timenow: String(nowMs) };
  return { ...envelope(answer, nowMs), headers };
}

function envelope({ retCode, retMsg, result, retExtInfo = {} }: Answer, nowMs: number): HttpAnswer {
  return jsonAnswer({ retCode, retMsg, result, retExtInfo, time: nowMs });
}

// Is this request from whom it says, and of now? Signatures over the raw text as it was received.
import { createHmac } from 'node:crypto';
import { type ApiKey, type Refusal, isRefusal, refusal } from '../venue/model.ts';

/** A request may be ahead of the exchange's clock by less than this. */
const AHEAD_MS = 1_000;
const WINDOW_MS = 5_000;
const LOOPBACK = '127.0.0.1';

export interface Signed {
  readonly key: string | undefined;
  readonly timestamp: string | undefined;
  readonly window: string | undefined;
  readonly signature: string | undefined;
}

export function signatureOf(secret: string, ...parts: readonly (string | Uint8Array)[]): string {
  const hmac = createHmac('sha256', secret);
  for (const part of parts) hmac.update(part);
  return hmac.digest('hex');
}

/** `raw` is the query without its question mark, or the body's bytes. */
export function checkRequest(
  keys: readonly ApiKey[],
  signed: Signed,
  raw: string | Uint8Array,
  nowMs: number,
): ApiKey | Refusal {
  const key = findKey(keys, signed.key, nowMs);
  if (isRefusal(key)) return key;
  const late = checkTime(signed.timestamp, signed.window, nowMs);
  if (late !== undefined) return late;
  const prefix = `${signed.timestamp}${signed.key}${signed.window ?? ''}`;
  if (signatureOf(key.secret, prefix, raw) === signed.signature) return key;
  return refusal(10_004, `error sign! origin_string[${prefix}${Buffer.from(raw).toString()}]`);
}

/** A login frame's `args`: key, expiry, signature. */
export function checkLogin(keys: readonly ApiKey[], args: unknown, nowMs: number): ApiKey | Refusal {
  const [name, expires, signature] = Array.isArray(args) ? (args as readonly unknown[]) : [];
  const expiresMs = Number(expires);
  if (typeof name !== 'string' || typeof signature !== 'string' || !Number.isInteger(expiresMs))
    return refusal(10_001, 'Params Error');
  const key = findKey(keys, name, nowMs);
  if (isRefusal(key)) return key;
  if (expiresMs <= nowMs) return refusal(10_001, 'Params Error');
  return signatureOf(key.secret, `GET/realtime${expiresMs}`) === signature ? key : refusal(10_004, 'error sign!');
}

/** `server_time − recv_window ≤ timestamp < server_time + 1000`. */
export function checkTime(timestamp: unknown, window: unknown, nowMs: number): Refusal | undefined {
  const at = Number(timestamp);
  const windowMs = window === undefined ? WINDOW_MS : Number(window);
  if (Number.isInteger(at) && Number.isInteger(windowMs) && nowMs - windowMs <= at && at < nowMs + AHEAD_MS)
    return undefined;
  return refusal(
    10_002,
    'invalid request, please check your server timestamp or recv_window param. ' +
      `req_timestamp[${String(timestamp)}],server_timestamp[${nowMs}],recv_window[${windowMs}]`,
  );
}

function findKey(keys: readonly ApiKey[], name: string | undefined, nowMs: number): ApiKey | Refusal {
  const key = keys.find((candidate) => candidate.key === name);
  if (key === undefined) return refusal(10_003, 'API key is invalid.');
  if (!key.ips.includes('*') && key.ips.length > 0 && !key.ips.includes(LOOPBACK))
    return refusal(10_010, "Unmatched IP, please check your API key's bound IP addresses.");
  return key.expiresMs <= nowMs ? refusal(33_004, 'Your api key has expired.') : key;
}

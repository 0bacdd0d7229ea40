// What went wrong between us and the exchange, without a secret in it?

/** The one error of this edge. It carries no header, no option and no body: those hold keys and signatures. */
export class BybitError extends Error {
  /** `retCode`, HTTP status, or the name of a network error. */
  readonly code: number | string;
  readonly retry: boolean;

  constructor(code: number | string, message: string, retry: boolean) {
    super(message);
    this.name = 'BybitError';
    this.code = code;
    this.retry = retry;
  }
}

/** 429 and 10000 server timeout or load, 10006 too many visits, 10016 service error, 10019 restarting: the same read may work later. */
const RETRY_CODES = new Set([429, 10_000, 10_006, 10_016, 10_019]);
/** The time stamp of a request is too far from the exchange's time. */
export const CLOCK_WRONG = 10_002;
/** 10018: the whole address is over its limit; the same rest as HTTP 403. */
export const ADDRESS_LIMIT_CODES: ReadonlySet<number | string> = new Set([403, 10_018]);

export function refused(path: string, retCode: number, retMsg: string): BybitError {
  return new BybitError(retCode, `${path}: ${retCode} ${retMsg.slice(0, 200)}`, RETRY_CODES.has(retCode));
}

/** Turns whatever the client throws into ours; only the code survives. */
export function failed(path: string, thrown: unknown): BybitError {
  if (thrown instanceof BybitError) return thrown;
  const code = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined;
  // Of an answer that broke off the client tells nothing but the status with which it began.
  if (code === 200) return new BybitError('cut', `${path}: the answer broke off`, true);
  if (typeof code === 'number') {
    // It points elsewhere, where we do not go: whoever stands before the exchange, not the exchange.
    const isRedirect = code >= 300 && code < 400;
    return new BybitError(code, `${path}: HTTP ${code}`, isRedirect || code >= 500 || code === 429);
  }
  if (typeof code === 'string') return new BybitError(code, `${path}: ${code}`, true);
  return new BybitError('unknown', `${path}: no answer that could be read`, false);
}

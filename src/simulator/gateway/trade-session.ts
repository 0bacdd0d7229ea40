// What does one trade connection get? Login, pongs, and acknowledgements: accepted is all that they mean.
import type { Ms } from '../../lib/brand.ts';
import type { Params } from '../venue/venue.ts';
import { type ApiKey, isRefusal, type Refusal, refusal } from '../venue/model.ts';
import { type Answer, refuse } from './answer.ts';
import { execute } from './signed-request.ts';
import { type Quota, quotaHeaders } from './rate-limit.ts';
import { type Route, ROUTES } from './routes.ts';
import { Session } from './session.ts';
import { checkLogin, checkTime } from './sign.ts';

interface Request {
  readonly reqId?: unknown;
  readonly op?: unknown;
  readonly args?: unknown;
  readonly header?: unknown;
}

const OPERATION = /^order\.(create|amend|cancel)(?:-batch)?$/;
const REQ_ID_CHARS_MAX = 36;
/** Of one account; the exchange publishes no number. */
const SESSIONS_MAX = 20;
const ADDRESS_LIMIT = 3_000;
const EVERYBODY = 0;
const SHUFFLE_MS = 30;

export class TradeSession extends Session {
  readonly #used = new Set<string>();

  protected take(request: Request): void {
    if (request.op === 'ping') {
      const data = [String(this.host.nowMs())];
      return this.#say({ ...echo(request), retCode: 0, retMsg: 'OK', op: 'pong', data, connId: this.id });
    }
    if (request.op === 'auth') return this.#login(request);
    return this.#order(request);
  }

  #login(request: Request): void {
    const outcome = this.#checkLogin(request);
    const [retCode, retMsg] = isRefusal(outcome) ? [outcome.code, outcome.text] : [0, 'OK'];
    if (!isRefusal(outcome)) this.key = outcome;
    this.#say({ ...echo(request), retCode, retMsg, op: 'auth', connId: this.id });
    if (this.key === undefined && this.host.variants.refusedLogin === 'closes') this.wire.close();
  }

  #checkLogin({ args }: Request): ApiKey | Refusal {
    if (this.key !== undefined) return refusal(20_001, 'Repeat auth');
    const { market } = this.host;
    const key = checkLogin(market.venue.keys, args, this.host.nowMs());
    if (isRefusal(key) || this.host.sessionsOf(key.uid) < SESSIONS_MAX) return key;
    return refusal(10_003, 'Too many sessions under the same UID.');
  }

  #order(request: Request): void {
    const nowMs = this.host.nowMs();
    const asked = this.#asked(request, nowMs);
    if (isRefusal(asked)) return this.#acknowledge(request, refuse(asked), undefined, nowMs);
    const { answer, quota } = execute(this.host, { door: 'trade', ...asked, nowMs });
    this.#acknowledge(request, answer, quota, nowMs);
  }

  /** Who asks for what, or why nobody may. */
  #asked(
    { reqId, op, args, header }: Request,
    nowMs: number,
  ): { readonly key: ApiKey; readonly route: Route; readonly params: Params } | Refusal {
    const route = typeof op === 'string' && OPERATION.test(op) ? ROUTES.get(`/v5/${op.replace('.', '/')}`) : undefined;
    if (route === undefined) return refusal(10_404, 'op type is not found');
    if (this.key === undefined) return refusal(10_005, 'Request not authorized');
    if (!this.host.limits.take(EVERYBODY, 'trade address', ADDRESS_LIMIT, nowMs).admitted)
      return refusal(10_403, 'Exceed IP rate limit.');
    const repeated = this.#checkReqId(reqId, this.key.uid);
    if (repeated !== undefined) return repeated;
    const head = (typeof header === 'object' && header !== null ? header : {}) as Params;
    const late = checkTime(head['X-BAPI-TIMESTAMP'], head['X-BAPI-RECV-WINDOW'], nowMs);
    if (late !== undefined) return late;
    const [params, ...others] = Array.isArray(args) ? (args as readonly unknown[]) : [];
    if (typeof params !== 'object' || params === null || others.length > 0) return refusal(10_001, 'Params Error');
    if ((params as Params)['category'] !== 'linear') return refusal(10_404, 'category is not correct');
    return { key: this.key, route, params: params as Params };
  }

  #checkReqId(reqId: unknown, uid: number): Refusal | undefined {
    if (reqId === undefined || reqId === '') return undefined;
    if (typeof reqId !== 'string' || reqId.length > REQ_ID_CHARS_MAX) return refusal(10_001, 'reqId is invalid');
    const known = this.#used.has(reqId);
    this.#used.add(reqId);
    const first = this.host.variants.reqIdScope === 'connection' ? !known : this.host.firstUse(uid, reqId);
    return first ? undefined : refusal(20_006, 'reqId is duplicated');
  }

  #acknowledge(
    { reqId, op }: Request,
    { retCode, retMsg, result, retExtInfo = {} }: Answer,
    quota: Quota | undefined,
    nowMs: number,
  ): void {
    const header = {
      ...(quota === undefined ? {} : quotaHeaders(quota)),
      Traceid: this.host.traceId(),
      Timenow: String(nowMs),
    };
    const id = typeof reqId === 'string' ? reqId : '';
    const ack = { reqId: id, retCode, retMsg, op: typeof op === 'string' ? op : '', data: result, retExtInfo };
    this.#say({ ...ack, header, connId: this.id });
  }

  /** At once, so that it goes before what becomes of the order; shuffled, the private stream may be faster. */
  #say(message: object): void {
    const text = JSON.stringify(message);
    const { variants, rng } = this.host;
    if (variants.delivery === 'recorded') return this.wire.send(text);
    this.host.clock.after(rng.below(SHUFFLE_MS) as Ms, () => this.wire.send(text));
  }
}

function echo({ reqId }: Request): { readonly reqId?: string } {
  return typeof reqId === 'string' ? { reqId } : {};
}

// How is a signed request carried out, through whichever door it came?
import type { Params } from '../venue/venue.ts';
import { type ApiKey, isRefusal, type Refusal, refusal } from '../venue/model.ts';
import type { Market } from '../market.ts';
import { type Answer, type Mishap, refuse } from './answer.ts';
import type { Quota, RateLimit } from './rate-limit.ts';
import type { Route } from './routes.ts';
import { batchOf } from './trading-answers.ts';
import type { WireVariants } from './wire-variants.ts';

/** What every signed request is carried out with. */
export interface RequestContext {
  readonly market: Market;
  readonly limits: RateLimit;
  readonly variants: WireVariants;
  traceId(): string;
  readonly mishap: (door: Door, path: string, uid: number) => Mishap | undefined;
}

/** The way in. */
export type Door = 'rest' | 'trade';

export interface SignedRequest {
  readonly door: Door;
  readonly route: Route;
  readonly key: ApiKey;
  /** Undefined where the body was no JSON object. */
  readonly params: Params | undefined;
  readonly nowMs: number;
}

export interface Outcome {
  readonly answer: Answer;
  readonly quota: Quota;
  readonly mishap: Mishap | undefined;
}

export function execute(context: RequestContext, { door, route, key, params, nowMs }: SignedRequest): Outcome {
  const { market, limits, variants } = context;
  const isBatch = route.bucket.endsWith('-batch');
  // Whether a single order over the trade socket draws on the bucket of REST is not settled; batches do.
  const own = door === 'trade' && variants.orderBuckets === 'separate' && !isBatch;
  const orders = isBatch && params !== undefined ? batchOf(params) : [];
  const count = isRefusal(orders) ? 1 : Math.max(1, orders.length);
  const quota = limits.take(key.uid, own ? `trade ${route.bucket}` : route.bucket, route.limit, nowMs, count);
  const refused = mayAsk(key, route) ?? (quota.admitted ? undefined : TOO_MANY);
  if (refused !== undefined) return { answer: refuse(refused), quota, mishap: undefined };
  if (params === undefined) return { answer: refuse(NO_OBJECT), quota, mishap: undefined };
  const mishap = context.mishap(door, route.path, key.uid);
  if (mishap?.executed === false) return { answer: refuse(mishap.answer), quota, mishap };
  const { venue } = market;
  const account = venue.accountOf(key.uid);
  if (account === undefined) throw new Error(`broken invariant: key ${key.key} opens no account`);
  const answer = route.answer({ market, venue, key, account, params, nowMs, variants });
  return { answer: mishap === undefined ? answer : refuse(mishap.answer), quota, mishap };
}

const TOO_MANY = refusal(10_006, 'Too many visits. Exceeded the API Rate Limit.');
const NO_OBJECT = refusal(10_001, 'params error: the body is not a JSON object');

function mayAsk({ permissions, readOnly }: ApiKey, { permission }: Route): Refusal | undefined {
  const allowed = permission === 'any' || (!readOnly && permissions.includes(permission));
  return allowed ? undefined : refusal(10_005, 'Permission denied, please check your API key permissions.');
}

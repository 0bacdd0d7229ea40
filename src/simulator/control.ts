// How is the simulated exchange steered? Faults on demand, pause and resume, and what its subscribers should know.
import { z } from 'zod';
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import { type FrameFault, FRAME_FAULTS, type FrameFaults } from './faults.ts';
import type { Troubles } from './channel.ts';
import type { Connection } from './connection.ts';
import type { Market } from './market.ts';
import type { PublicSession } from './public-session.ts';

const FAULT = z.strictObject({
  kind: z.enum([
    ...FRAME_FAULTS,
    'restart-u1',
    'snapshot-midstream',
    'half-open',
    'silent-topic',
    'refuse-connections',
    'cut',
    'reject-topic',
    'tick-change',
    'clear',
  ]),
  symbol: z.string().optional(),
  depth: z.union([z.literal(1), z.literal(50), z.literal(200), z.literal(1000)]).optional(),
  count: z.int().min(1).default(1),
  ms: z.int().min(1).optional(),
  topic: z.string().optional(),
  tickSize: z.string().optional(),
  qtyStep: z.string().optional(),
});
type Fault = z.infer<typeof FAULT>;

export interface Steered {
  readonly market: Market;
  readonly clock: Clock;
  readonly faults: FrameFaults;
  readonly rejected: Set<string>;
  readonly troubles: Troubles;
  readonly sessions: ReadonlySet<PublicSession>;
  readonly connections: ReadonlySet<Connection>;
  readonly parameters: object;
  refuseUntilMs: Ms;
}

export interface ControlAnswer {
  readonly status: number;
  readonly body: object;
}

const refuse = (error: string, status = 400): ControlAnswer => ({ status, body: { error } });
const done = (body: object = {}): ControlAnswer => ({ status: 200, body: { ok: true, ...body } });

export function answerControl(
  method: string,
  path: string,
  query: URLSearchParams,
  body: string,
  steered: Steered,
): ControlAnswer {
  const { market } = steered;
  if (method === 'GET' && path === '/control/state') return state(steered);
  if (method === 'GET' && path === '/control/book') return book(query, market);
  if (method === 'POST' && path === '/control/pause') {
    market.pause();
    return done();
  }
  if (method === 'POST' && path === '/control/resume') {
    market.resume();
    return done();
  }
  if (method === 'POST' && path === '/control/fault') return fault(body, steered);
  return refuse(
    `no ${method} ${path}: there are GET /control/state, GET /control/book, POST /control/fault, /control/pause, /control/resume`,
    404,
  );
}

function state({ market, sessions, faults, parameters }: Steered): ControlAnswer {
  const topics: Record<string, number> = {};
  for (const session of sessions) for (const topic of session.topics) topics[topic] = (topics[topic] ?? 0) + 1;
  const { nowMs, startMs, paused } = market;
  const symbols = market.contracts.map(({ listing }) => listing.symbol);
  return {
    status: 200,
    body: {
      nowMs,
      startMs,
      paused,
      sockets: sessions.size,
      pendingFaults: faults.pending,
      topics,
      symbols,
      parameters,
    },
  };
}

function book(query: URLSearchParams, market: Market): ControlAnswer {
  const symbol = query.get('symbol') ?? '';
  const contract = market.contract(symbol);
  if (contract === undefined)
    return refuse(`symbol "${symbol}" is not traded here: GET /control/state lists those that are`, 404);
  const view = contract.view(Number(query.get('depth')));
  if (view === undefined)
    return refuse(`nobody subscribes to orderbook.${query.get('depth')}.${symbol}: depth is 1, 50, 200 or 1000`, 404);
  return { status: 200, body: view.state() };
}

function readFault(body: string): Fault | string {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return 'the body is no JSON: send {"kind": "…"}';
  }
  const parsed = FAULT.safeParse(value);
  return parsed.success ? parsed.data : z.prettifyError(parsed.error);
}

function fault(body: string, steered: Steered): ControlAnswer {
  const wanted = readFault(body);
  if (typeof wanted === 'string') return refuse(wanted);
  const { market, sessions } = steered;
  const { kind, symbol, depth, ms } = wanted;
  if (symbol !== undefined && market.contract(symbol) === undefined)
    return refuse(`symbol: "${symbol}" is not traded here`);
  const concerned = [...sessions].filter((session) => symbol === undefined || topicsOf(session, symbol).length > 0);
  switch (kind) {
    case 'restart-u1':
    case 'snapshot-midstream':
      return resnapshot(market, symbol, depth, kind === 'restart-u1');
    case 'half-open':
      for (const session of concerned) session.connection.goDeaf();
      return done({ sockets: concerned.length });
    case 'cut':
      for (const session of concerned) session.connection.cut();
      return done({ sockets: concerned.length });
    case 'silent-topic':
      return silence(sessions, wanted);
    case 'refuse-connections':
      if (ms === undefined) return refuse('ms: for how long are connections refused?');
      steered.refuseUntilMs = (steered.clock.monotonic() + ms) as Ms;
      return done();
    case 'reject-topic':
      return rejectTopic(steered, wanted);
    case 'tick-change':
      if (symbol === undefined) return refuse('symbol: whose grid changes?');
      return market.changeGrid(symbol, wanted.tickSize, wanted.qtyStep)
        ? done()
        : refuse('tickSize, qtyStep: must be plain positive decimals such as "0.010"');
    case 'clear':
      steered.faults.clear();
      steered.rejected.clear();
      steered.refuseUntilMs = 0 as Ms;
      return done();
    default:
      steered.faults.arm(kind satisfies FrameFault, symbol, depth, wanted.count);
      return done();
  }
}

function topicsOf(session: PublicSession, symbol: string): string[] {
  return [...session.topics].filter((topic) => topic.endsWith(`.${symbol}`));
}

function resnapshot(
  market: Market,
  symbol: string | undefined,
  depth: number | undefined,
  restarted: boolean,
): ControlAnswer {
  const symbols = symbol === undefined ? market.contracts.map(({ listing }) => listing.symbol) : [symbol];
  const depths = depth === undefined ? [50, 200, 1_000] : [depth];
  let books = 0;
  for (const name of symbols) {
    for (const levels of depths) if (market.resnapshot(name, levels, restarted) !== undefined) books++;
  }
  return done({ books });
}

/** `topic`, or the symbol's topics (those books of `depth`), fall silent for whoever has them now. */
function silence(sessions: ReadonlySet<PublicSession>, { topic, symbol, depth, ms }: Fault): ControlAnswer {
  if (topic === undefined && symbol === undefined) return refuse('topic or symbol: which topic falls silent?');
  let topics = 0;
  for (const session of sessions) {
    const concerned =
      topic !== undefined
        ? [topic]
        : topicsOf(session, symbol ?? '').filter(
            (name) => depth === undefined || name.startsWith(`orderbook.${depth}.`),
          );
    for (const name of concerned) {
      session.silence(name, ms as Ms | undefined);
      topics++;
    }
  }
  return done({ topics });
}

function rejectTopic({ rejected, clock }: Steered, { topic, ms }: Fault): ControlAnswer {
  if (topic === undefined) return refuse('topic: which topic is refused?');
  rejected.add(topic);
  if (ms !== undefined) clock.after(ms as Ms, () => void rejected.delete(topic));
  return done();
}

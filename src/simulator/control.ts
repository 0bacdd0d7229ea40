// How is the simulated exchange steered? Faults on demand, pause and resume, the ledger, and what its subscribers should know.
import type { Stage } from './faults/fault.ts';
import { orderFault } from './faults/table.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Market } from './market.ts';
import type { Playing } from './scenario/playing.ts';
import { readScenario } from './scenario/read-scenario.ts';

export interface Steered {
  readonly stage: Stage;
  readonly ledger: Ledger;
  readonly playing: Playing;
  readonly parameters: object;
}

export interface ControlAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

const WAYS =
  'there are GET /control/state, GET /control/book, GET /control/ledger?from=0, GET /control/scenario, POST /control/scenario, /control/fault, /control/pause, /control/resume';

const say = (body: object, status = 200): ControlAnswer => ({
  status,
  contentType: 'application/json; charset=utf-8',
  body: JSON.stringify(body),
});
const refuse = (error: string, status = 400): ControlAnswer => say({ error }, status);

export function answerControl(
  method: string,
  path: string,
  query: URLSearchParams,
  body: string,
  steered: Steered,
): ControlAnswer {
  const { market } = steered.stage;
  if (method === 'GET' && path === '/control/state') return state(steered);
  if (method === 'GET' && path === '/control/book') return book(query, market);
  if (method === 'GET' && path === '/control/ledger') return ledgerLines(query, steered.ledger);
  if (method === 'POST' && path === '/control/pause') {
    market.pause();
    return say({ ok: true });
  }
  if (method === 'POST' && path === '/control/resume') {
    market.resume();
    return say({ ok: true });
  }
  if (method === 'POST' && path === '/control/fault') return fault(body, steered);
  if (method === 'POST' && path === '/control/scenario') return begin(body, steered.playing);
  if (method === 'GET' && path === '/control/scenario') return say({ result: steered.playing.result ?? null });
  return refuse(`no ${method} ${path}: ${WAYS}`, 404);
}

function state({ stage, parameters, ledger }: Steered): ControlAnswer {
  const { market, sessions, connections, frames, troubles, mishaps, venue } = stage;
  const topics: Record<string, number> = {};
  for (const session of sessions) for (const topic of session.topics) topics[topic] = (topics[topic] ?? 0) + 1;
  const { nowMs, startMs, paused } = market;
  return say({
    nowMs,
    startMs,
    paused,
    sockets: connections.size,
    pendingFaults: frames.pending + troubles.pending(nowMs) + mishaps.pending,
    ledger: ledger.length,
    topics,
    symbols: market.contracts.map(({ listing }) => listing.symbol),
    accounts: venue.accounts.map(({ uid, marginMode, positionMode }) => ({ uid, marginMode, positionMode })),
    parameters,
  });
}

function book(query: URLSearchParams, market: Market): ControlAnswer {
  const symbol = query.get('symbol') ?? '';
  const contract = market.contract(symbol);
  if (contract === undefined)
    return refuse(`symbol "${symbol}" is not traded here: GET /control/state lists those that are`, 404);
  const view = contract.view(Number(query.get('depth')));
  if (view === undefined)
    return refuse(`nobody subscribes to orderbook.${query.get('depth')}.${symbol}: depth is 1, 50, 200 or 1000`, 404);
  return say(view.state());
}

/** JSON lines from place `from` on; a place that is no longer kept is said so, never skipped. */
function ledgerLines(query: URLSearchParams, ledger: Ledger): ControlAnswer {
  const from = Number(query.get('from') ?? 0);
  if (!Number.isInteger(from) || from < 0) return refuse('from: must be a whole number, the place of the first line');
  if (from < ledger.kept)
    return refuse(`from: lines before ${ledger.kept} are no longer kept; start with --ledger FILE to have all`, 410);
  const body = ledger
    .since(from)
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
  return { status: 200, contentType: 'application/x-ndjson', body };
}

function fault(body: string, { stage, ledger }: Steered): ControlAnswer {
  let order: unknown;
  try {
    order = JSON.parse(body);
  } catch {
    return refuse('the body is no JSON: send {"kind": "…"}');
  }
  const outcome = orderFault(order, stage, ledger);
  return typeof outcome === 'string' ? refuse(outcome) : say({ ok: true, ...outcome });
}

/** Times of the scenario count from now on. */
function begin(body: string, playing: Playing): ControlAnswer {
  const read = readScenario(body, 'scenario');
  if (read.kind === 'faulty') return refuse(read.faults.join('; '));
  return playing.begin(read.scenario)
    ? say({ ok: true, lasts: read.scenario.lasts })
    : refuse('a scenario is being played: wait until GET /control/scenario tells its result', 409);
}

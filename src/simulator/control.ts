// How is the simulated exchange target? Faults on demand, pause and resume, the ledger, and what its subscribers should know.
import { parseJson } from '../lib/parse-json.ts';
import type { Stage } from './faults/fault.ts';
import { orderFault } from './faults/table.ts';
import { type HttpAnswer, type HttpRequest, jsonAnswer } from './http.ts';
import type { Ledger } from './ledger/ledger.ts';
import type { Market } from './market.ts';
import type { ScenarioPlayer } from './scenario/play.ts';
import { readScenario } from './scenario/read-scenario.ts';

export interface ControlTarget {
  readonly stage: Stage;
  readonly ledger: Ledger;
  readonly player: ScenarioPlayer;
  readonly parameters: object;
}

const WAYS =
  'there are GET /control/state, GET /control/book, GET /control/ledger?from=0, GET /control/scenario, POST /control/scenario, /control/fault, /control/pause, /control/resume';

const refuse = (error: string, status = 400): HttpAnswer => jsonAnswer({ error }, status);

export function answerControl({ method, path, query: asked, body }: HttpRequest, target: ControlTarget): HttpAnswer {
  const { market } = target.stage;
  const query = new URLSearchParams(asked);
  switch (`${method} ${path}`) {
    case 'GET /control/state':
      return state(target);
    case 'GET /control/book':
      return book(query, market);
    case 'GET /control/ledger':
      return ledgerLines(query, target.ledger);
    case 'GET /control/scenario':
      return jsonAnswer({ result: target.player.result ?? null });
    case 'POST /control/pause':
      market.pause();
      return jsonAnswer({ ok: true });
    case 'POST /control/resume':
      market.resume();
      return jsonAnswer({ ok: true });
    case 'POST /control/fault':
      return fault(body, target);
    case 'POST /control/scenario':
      return begin(body, target.player);
    default:
      return refuse(`no ${method} ${path}: ${WAYS}`, 404);
  }
}

function state({ stage, parameters, ledger }: ControlTarget): HttpAnswer {
  const { market, sessions, connections, frames, troubles, mishaps, venue } = stage;
  const topics: Record<string, number> = {};
  for (const session of sessions) for (const topic of session.topics) topics[topic] = (topics[topic] ?? 0) + 1;
  const { nowMs, startMs, paused } = market;
  return jsonAnswer({
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

function book(query: URLSearchParams, market: Market): HttpAnswer {
  const symbol = query.get('symbol') ?? '';
  const contract = market.contract(symbol);
  if (contract === undefined)
    return refuse(`symbol "${symbol}" is not traded here: GET /control/state lists those that are`, 404);
  const view = contract.view(Number(query.get('depth')));
  if (view === undefined)
    return refuse(`nobody subscribes to orderbook.${query.get('depth')}.${symbol}: depth is 1, 50, 200 or 1000`, 404);
  return jsonAnswer(view.state());
}

/** JSON lines from place `from` on; a place that is no longer kept is said so, never skipped. */
function ledgerLines(query: URLSearchParams, ledger: Ledger): HttpAnswer {
  const from = Number(query.get('from') ?? 0);
  if (!Number.isInteger(from) || from < 0) return refuse('from: must be a whole number, the place of the first line');
  if (from < ledger.kept)
    return refuse(`from: lines before ${ledger.kept} are no longer kept; start with --ledger FILE to have all`, 410);
  const body = ledger
    .since(from)
    .map((line) => `${JSON.stringify(line)}\n`)
    .join('');
  return { status: 200, headers: { 'content-type': 'application/x-ndjson' }, body };
}

function fault(body: string, { stage, ledger }: ControlTarget): HttpAnswer {
  const order = parseJson(body);
  if (order === undefined) return refuse('the body is no JSON: send {"kind": "…"}');
  const outcome = orderFault(order, stage, ledger);
  return typeof outcome === 'string' ? refuse(outcome) : jsonAnswer({ ok: true, ...outcome });
}

/** Times of the scenario count from now on. */
function begin(body: string, player: ScenarioPlayer): HttpAnswer {
  const read = readScenario(body, 'scenario');
  if (read.kind === 'faulty') return refuse(read.faults.join('; '));
  return player.begin(read.scenario)
    ? jsonAnswer({ ok: true, lasts: read.scenario.lasts })
    : refuse('a scenario is being played: wait until GET /control/scenario tells its result', 409);
}

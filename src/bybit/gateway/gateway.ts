// How does the engine trade at Bybit? Requests go out over the path that they name; everything that comes back goes to one
// listener, never from within a call.
import type { Ms } from '../../lib/brand.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Rng } from '../../lib/rng.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { OrderSide } from '../../market/side.ts';
import type { Slot, Tick } from '../../market/units.ts';
import type { Answer, GatewayRequest, OnGatewayEvent, OrderGateway } from '../../order/gateway.ts';
import type { OutboundOrder, Path } from '../../order/words.ts';
import type { Budget } from '../budget.ts';
import { CLOCK_WRONG } from '../bybit-error.ts';
import type { Log } from '../../lib/log.ts';
import type { Fields } from '../fields.ts';
import { Allowance } from './allowance.ts';
import { answerOf, type Asked } from './asked.ts';
import { Grids } from './grids.ts';
import { leverageText, orderFields, tradingStopFields } from './outbound.ts';
import { privateEvents } from './private-feed.ts';
import { Reads } from './reads.ts';
import { RestClient } from './rest-client.ts';
import { ServerClock } from './server-clock.ts';
import { readSetup, type SetupReading } from './setup.ts';
import { StopTriggers } from './stop-triggers.ts';
import { Stream } from './stream.ts';
import { TradeSocket } from './trade-socket.ts';
import { StreamCheck } from './stream-check.ts';
import { HOSTS, type Host, type Wires } from './wires.ts';

export interface GatewayOptions {
  /** `createBybitWires`, or a test's own. */
  readonly wires: (serverNow: () => number) => Wires;
  /** By symbol; the gateway requests those that the engine does not know from the exchange. */
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  /** The best price that an order of this side would hit: only market entries need it, for their slippage bound. */
  readonly touchOf: (slot: Slot, side: OrderSide) => Tick | undefined;
  /** New connections, shared with all sockets to the exchange. */
  readonly connects: Budget;
  /** REST calls, shared by everything that sends requests from this address. */
  readonly calls: Budget;
}

export interface BybitGateway extends OrderGateway {
  /** For the checks of the start and of `doctor`. */
  readSetup(symbols: readonly string[]): Promise<SetupReading>;
  /** Orders that may still be sent in the present second over a path: entries, and in all. */
  tokens(path: Path): { readonly entries: number; readonly all: number };
}

/** Orders and closes alike (failure-modes 2, `ackTimeout`). */
const ACK_MS = 2_000 as Ms;
const GRID_WITHIN_MS = 5_000 as Ms;
const PROBE_MS = 5_000;
/** While something has to be closed. */
const URGENT_PROBE_MS = 500 as Ms;
const URGENT_MS = 2_000;
const CREATE = '/v5/order/create';
const ODD_MAX = 1_000;

export function createBybitGateway(
  options: GatewayOptions,
  clock: Clock,
  rng: Rng,
  log: Log,
  onEvent: OnGatewayEvent,
): BybitGateway {
  const links = new Map<Path, boolean>();
  const allowance = new Allowance();
  const triggers = new StopTriggers();
  const streamCheck = new StreamCheck();
  let isClosed = false;

  const told = new Set<string>();
  const odd = (field: string, value: string): void => {
    const name = `${field} ${value}`;
    if (told.has(name) || told.size >= ODD_MAX) return;
    told.add(name);
    log.warn({ field, value: value.slice(0, 100) }, 'gateway.unknown_value');
  };
  const link = (path: Path, up: boolean, reason: string): void => {
    if (isClosed || links.get(path) === up) return;
    links.set(path, up);
    onEvent({ kind: 'link', link: path, up, reason });
  };

  const serverClock = new ServerClock(clock, log, (sample) => onEvent({ kind: 'clock', ...sample }));
  const wires = options.wires(() => serverClock.now());
  const rest = new RestClient({
    wires,
    clock,
    log,
    allowance,
    budget: options.calls,
    serverNow: () => serverClock.now(),
    clockWrong: () => serverClock.sample(),
    onLink: link,
  });
  const grids = new Grids(options.instrumentOf, rest);
  const reads = new Reads({ rest, clock, grids, triggers, odd });
  const tradeSocket = new TradeSocket({ clock, log, allowance, serverNow: () => serverClock.now() });
  const streamOf = { wires, clock, connects: options.connects, clockWrong: () => serverClock.sample(), log };

  const fetching = new Set<string>();
  const stranger = (symbol: string): void => {
    if (fetching.has(symbol)) return;
    fetching.add(symbol);
    log.warn({ symbol }, 'gateway.unknown_symbol');
    grids.fetch('rest-1', new Set([symbol]), GRID_WITHIN_MS, () => void fetching.delete(symbol));
  };
  const privateStream = new Stream(
    { ...streamOf, name: 'private', rng: rng.fork('private') },
    {
      up() {
        streamCheck.begin(serverClock.now());
        onEvent({ kind: 'link', link: 'private', up: true, reason: '' });
      },
      down(reason) {
        streamCheck.end();
        onEvent({ kind: 'link', link: 'private', up: false, reason });
      },
      text(text) {
        const events = privateEvents(text, { grids, triggers, odd, log, stranger });
        // An event was missed: after a new connection the account is read again.
        if (events === undefined) return privateStream.restart('unreadable text');
        onEvent({ kind: 'private-alive' });
        for (const event of events) {
          streamCheck.seen(event);
          onEvent(event);
        }
      },
    },
  );
  const tradeStream = new Stream(
    { ...streamOf, name: 'trade', rng: rng.fork('trade') },
    {
      up: () => link('trade-socket', true, ''),
      down(reason) {
        tradeSocket.down(reason);
        link('trade-socket', false, reason);
      },
      text: (text) => tradeSocket.text(text),
    },
  );
  tradeSocket.attach(tradeStream);

  const answer = ({ requestId, path }: GatewayRequest, linkId?: string) => {
    return (asked: Asked): void => {
      if (isClosed) return;
      if (asked.kind === 'answered' && asked.code === CLOCK_WRONG) serverClock.sample();
      onEvent({ kind: 'answer', requestId, path, answer: answerOf(asked, linkId) });
    };
  };
  /** Refuses to send a request; reported like any answer, later. */
  const refuse = (request: GatewayRequest, reason: string): void => {
    log.error({ kind: request.kind, path: request.path, reason }, 'gateway.not_sent');
    clock.after(0 as Ms, () => answer(request)({ kind: 'unsent', reason }));
  };

  const create = (request: GatewayRequest, order: OutboundOrder): void => {
    const instrument = grids.of(order.symbol);
    if (instrument === undefined) return refuse(request, `no instrument ${order.symbol}`);
    const touch = order.role === 'E' && order.type === 'market' ? options.touchOf(order.slot, order.side) : undefined;
    const params = orderFields(order, instrument, touch);
    if (typeof params === 'string') return refuse(request, params);
    if (order.role === 'E') triggers.ordered(order.symbol, order.stop);
    const errand = order.role === 'E' ? 'entry' : 'reduce';
    if (errand === 'reduce') reducedAt = clock.monotonic();
    const { linkId, recvWindowMs } = order;
    const done = answer(request, linkId);
    if (request.path === 'trade-socket')
      tradeSocket.ask({ operation: 'create', params, errand, within: ACK_MS, recvWindowMs }, done);
    else
      rest.ask(
        { host: request.path, method: 'POST', path: CREATE, params, errand, within: ACK_MS, recvWindowMs },
        done,
      );
  };

  const cancel = (request: GatewayRequest, symbol: string, linkId: string): void => {
    const params = { category: 'linear', symbol, orderLinkId: linkId };
    const done = answer(request, linkId);
    const asked = { params, errand: 'reduce', within: ACK_MS, recvWindowMs: 5_000 } as const;
    if (request.path === 'trade-socket') tradeSocket.ask({ ...asked, operation: 'cancel' }, done);
    else rest.ask({ ...asked, host: request.path, method: 'POST', path: '/v5/order/cancel' }, done);
  };

  const post = (
    request: GatewayRequest,
    path: string,
    params: Fields | string,
    heard: (answer: Answer) => void = () => undefined,
  ): void => {
    if (typeof params === 'string') return refuse(request, params);
    if (request.path === 'trade-socket') return refuse(request, 'the trade socket takes orders alone');
    rest.ask({ host: request.path, method: 'POST', path, params, errand: 'reduce', within: ACK_MS }, (asked) => {
      heard(answerOf(asked, undefined));
      answer(request)(asked);
    });
  };

  const hostOf = (path: Path): Host => (path === 'trade-socket' ? 'rest-1' : path);

  serverClock.start(rest);
  privateStream.start();
  if (wires.hasTrade) tradeStream.start();
  // A path counts as up until it is told of, and entries would go over this one for ever.
  else clock.after(0 as Ms, () => link('trade-socket', false, 'this environment has none'));
  let reducedAt = -Infinity;
  let probedAt = clock.monotonic() as number;
  const probes = clock.every(URGENT_PROBE_MS, () => {
    const now = clock.monotonic();
    if (streamCheck.isIncomplete(now)) privateStream.restart('does not tell what was executed');
    if (now - reducedAt > URGENT_MS && now - probedAt < PROBE_MS) return;
    probedAt = now;
    for (const host of HOSTS) if (links.get(host) !== true) serverClock.probe(host);
  });

  return {
    send(request) {
      if (isClosed) return;
      const { requestId, path } = request;
      switch (request.kind) {
        case 'create':
          return create(request, request.order);
        case 'cancel':
          return cancel(request, request.symbol, request.linkId);
        case 'set-stop': {
          const { symbol, stop } = request;
          const instrument = grids.of(symbol);
          if (instrument === undefined) return refuse(request, `no instrument ${symbol}`);
          return post(request, '/v5/position/trading-stop', tradingStopFields(stop, instrument), (told) => {
            if (told.outcome === 'accepted') triggers.replaced(symbol, stop);
            else if (told.outcome === 'refused' && told.class === 'ok-noop') triggers.stands(symbol, stop);
          });
        }
        case 'set-leverage': {
          const leverage = leverageText(request.leverage);
          const params = { category: 'linear', symbol: request.symbol, buyLeverage: leverage, sellLeverage: leverage };
          return post(request, '/v5/position/set-leverage', params);
        }
        case 'look-up': {
          const { symbol, linkId } = request;
          return reads.lookUp(hostOf(path), symbol, linkId, (reading) => {
            if (reading.ok) streamCheck.lookedUp(reading.value, clock.monotonic());
            onEvent({ kind: 'looked-up', requestId, path, linkId, reading });
          });
        }
        case 'read-position': {
          const { symbol } = request;
          return reads.position(hostOf(path), symbol, (reading) =>
            onEvent({ kind: 'position-read', requestId, path, symbol, reading }),
          );
        }
        case 'read-account': {
          const { depth } = request;
          const sinceMs = request.depth === 'deep' ? request.sinceMs : undefined;
          return reads.account(
            hostOf(path),
            sinceMs,
            serverClock.now(),
            (reading) => onEvent({ kind: 'account-read', requestId, path, depth, reading }),
            (positions) => onEvent({ kind: 'positions-seen', positions }),
          );
        }
      }
    },
    tokens(path) {
      const now = clock.monotonic();
      const isDown = path === 'trade-socket' ? !tradeStream.isUp : rest.isSilenced;
      if (isDown) return { entries: 0, all: 0 };
      return { entries: allowance.left(CREATE, 'entry', now), all: allowance.left(CREATE, 'reduce', now) };
    },
    readSetup: (symbols) => readSetup(rest, 'rest-1', symbols),
    close() {
      isClosed = true;
      probes.cancel();
      serverClock.stop();
      privateStream.stop();
      tradeStream.stop();
      tradeSocket.down('closed');
      rest.close();
      wires.close();
      return Promise.resolve();
    },
  };
}

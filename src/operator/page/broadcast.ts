// What is sent to the pages, and how often? Ten times a second the newest column and events, the rest as slowly as a person reads.
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Ms } from '../../lib/brand.ts';
import type { Clock, Timer } from '../../lib/clock.ts';
import type { Board, Surface } from '../board/board.ts';
import type { Clients } from './clients.ts';
import type { HeatMap } from '../board/heat-map.ts';
import type { HeatMaps } from '../board/heat-maps.ts';
import { LatencyWindow } from '../metrics/latency-window.ts';
import type { Memory } from '../board/memory.ts';
import { COLUMN_MS, COLUMNS_KEPT, ROWS } from './protocol-columns.ts';
import { PROTOCOL, type Hello } from './protocol.ts';
import type { Watching, Zoom } from './protocol-market.ts';
import type { Session } from './sessions.ts';

const MARKET_TURNS = 2;
const STATUS_TURNS = 5;
const LISTS_TURNS = 10;

export interface BroadcastPorts {
  readonly board: Board;
  readonly clients: Clients;
  readonly maps: HeatMaps;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly surface: () => Surface;
  readonly control: boolean;
}

export class Broadcast {
  readonly #ports: BroadcastPorts;
  readonly #latencies: LatencyWindow;
  readonly #turning: Timer;
  #turns = 0;

  constructor(ports: BroadcastPorts) {
    this.#ports = ports;
    this.#latencies = new LatencyWindow(ports.memory.latencies);
    this.#turning = ports.clock.every(COLUMN_MS as Ms, () => this.#turn());
  }

  close(): void {
    this.#turning.cancel();
  }

  /** A page has come: it is told all that it needs to draw itself. What is still news to the others it hears of as past, once. */
  welcome(socket: WebSocket, wire: Duplex, session: Session): void {
    const { board, clients, clock, control } = this.#ports;
    clients.tellAll(board.recent.fresh(), true);
    const client = clients.add(socket, wire, session);
    const hello: Hello = {
      kind: 'hello',
      protocol: PROTOCOL,
      serverMs: clock.wall(),
      control,
      session: board.session(),
    };
    clients.tell(client, hello);
    clients.tell(client, board.recent.past());
    clients.tell(client, { kind: 'symbols', symbols: board.symbolViews() });
    const status = this.#status();
    if (status !== undefined) clients.tell(client, status);
  }

  /** Mode or positions have changed: that is not waited with. */
  tellStatus(): void {
    this.#ports.clients.tellAll(this.#status(), true);
  }

  #turn(): void {
    const { board, clients, maps } = this.#ports;
    const turn = this.#turns++;
    maps.record(board.symbols, clients.looked());
    const latencies = turn % LISTS_TURNS === 0 ? this.#latencies.look() : undefined;
    const happened = board.recent.fresh();
    if (clients.size === 0) return;
    clients.together(() => {
      if (latencies !== undefined) clients.tellAll({ kind: 'latencies', latencies });
      clients.tellAll(happened, true);
      this.#columns();
      if (turn % MARKET_TURNS === 0) this.#markets();
      if (turn % STATUS_TURNS === 0) clients.tellAll(this.#status());
      if (turn % LISTS_TURNS === 0) clients.tellAll({ kind: 'symbols', symbols: board.symbolViews() });
    });
    clients.prune();
  }

  #status(): object | undefined {
    return this.#ports.board.status(this.#ports.surface());
  }

  /** Each map's newest column is one message for all that look at it. */
  #columns(): void {
    const { clients, maps } = this.#ports;
    const newest = new Map<HeatMap, Buffer>();
    for (const client of clients) {
      if (client.symbol === undefined) continue;
      const map = maps.get(client.symbol, client.zoom);
      if (map === undefined) continue;
      if (map !== client.map) {
        client.map = map;
        clients.tell(client, watchingOf(map, client.symbol, client.zoom));
        clients.send(client, map.message(COLUMNS_KEPT));
        continue;
      }
      if (!clients.isReading(client)) continue;
      const message = newest.get(map) ?? map.message(1);
      newest.set(map, message);
      clients.send(client, message);
    }
  }

  #markets(): void {
    const { board, clients } = this.#ports;
    const texts = new Map<string, string | undefined>();
    for (const client of clients) {
      const { symbol } = client;
      if (symbol === undefined || !clients.isReading(client)) continue;
      const watched = board.symbol(symbol);
      if (watched === undefined) {
        if (!client.isToldUnwatched) clients.tell(client, { kind: 'not-watched', symbol });
        client.isToldUnwatched = true;
        continue;
      }
      client.isToldUnwatched = false;
      if (!texts.has(symbol)) {
        const view = board.markets.market(watched);
        texts.set(symbol, view === undefined ? undefined : JSON.stringify(view));
      }
      const text = texts.get(symbol);
      if (text !== undefined) clients.send(client, text);
    }
  }
}

function watchingOf({ stream, bucketTicks, instrument }: HeatMap, symbol: string, zoom: Zoom): Watching {
  return {
    kind: 'watching',
    stream,
    symbol,
    zoom,
    grid: {
      tickSize: instrument.tickScaled / 10 ** instrument.priceScale,
      priceDecimals: instrument.priceScale,
      lotSize: instrument.lotScaled / 10 ** instrument.lotScale,
      sizeDecimals: instrument.lotScale,
    },
    bucketTicks,
    rows: ROWS,
    columnMs: COLUMN_MS,
    columnsKept: COLUMNS_KEPT,
  };
}

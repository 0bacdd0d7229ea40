// A gateway on wires that a test holds in its hands, on a clock that it moves.
import { Budget } from '../../../src/bybit/budget.ts';
import { type BybitGateway, createBybitGateway } from '../../../src/bybit/gateway/gateway.ts';
import type { Host, Question, Reply, StreamEvents, StreamName } from '../../../src/bybit/gateway/wires.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { createRng } from '../../../src/lib/rng.ts';
import { createInstrument, type Instrument } from '../../../src/market/instrument.ts';
import type { GatewayEvent, GatewayRequest } from '../../../src/order/gateway.ts';
import { createVirtualClock, type VirtualClock } from '../virtual-clock.ts';

export const SOL = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;

export interface Put {
  readonly host: Host;
  readonly question: Question;
  reply(reply: Reply): void;
}

export interface Dialled {
  readonly stream: StreamName;
  readonly events: StreamEvents;
  readonly sent: string[];
  /** False: the peer reads nothing. */
  takes: boolean;
  ended: boolean;
}

export const body = (result: object, retCode = 0, more: object = {}): Reply => ({
  kind: 'body',
  body: { retCode, retMsg: retCode === 0 ? 'OK' : 'no', result, retExtInfo: {}, time: 1_786_310_821_000, ...more },
  quota: undefined,
});

/** What a question about time is answered with, so that a test need not. */
const isTime = ({ question }: Put): boolean => question.path === '/v5/market/time';

export class ScriptedRoom {
  readonly clock: VirtualClock = createVirtualClock();
  readonly told: GatewayEvent[] = [];
  readonly lines: string[] = [];
  /** What the engine knows of contracts. */
  readonly listed = new Map([['SOLUSDT', SOL]]);
  /** Questions that were put, but for those about the time. */
  readonly put: Put[] = [];
  readonly dialled: Dialled[] = [];
  readonly gateway: BybitGateway;
  /** The exchange's clock is so far ahead. */
  aheadMs = 0;
  /** What the next answers about the time are wrong by, one after the other; `lost`: never comes. */
  odd: (number | 'lost')[] = [];
  /** How often somebody was asked for the time. */
  timesAsked = 0;
  /** A stamp that is wrong would cost the very answer that mends it. */
  isTimeSigned = false;
  /** Whether questions about the time are answered. */
  isTimeTold = true;
  serverNow: () => number = () => 0;
  isClosed = false;
  readonly #aheadOfLoopMs = this.clock.wall() - this.clock.monotonic();
  #count = 0;

  constructor(
    connects = new Budget(60, 300_000 as Ms),
    calls = new Budget(300, 5_000 as Ms),
    laterMs = 0,
    hasTrade = true,
  ) {
    this.clock.stepWall(laterMs);
    const write =
      (level: string) =>
      (fields: object, event: string): void =>
        void this.lines.push(`${level} ${event} ${JSON.stringify(fields)}`);
    this.gateway = createBybitGateway(
      {
        wires: (serverNow) => {
          this.serverNow = serverNow;
          return {
            hasTrade,
            open: (stream, events) => this.#open(stream, events),
            ask: (host, question, replied) => this.#ask({ host, question, reply: replied }),
            close: () => void (this.isClosed = true),
          };
        },
        instrumentOf: (symbol) => this.listed.get(symbol),
        touchOf: () => undefined,
        connects,
        calls,
      },
      this.clock,
      createRng(7),
      { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
      (event) => this.told.push(event),
    );
  }

  /** Both streams logged in. */
  static async up(...budgets: ConstructorParameters<typeof ScriptedRoom>): Promise<ScriptedRoom> {
    const room = new ScriptedRoom(...budgets);
    await room.clock.advance(10);
    for (const { events } of room.dialled) events.ready();
    return room;
  }

  exchangeMs(): number {
    return this.clock.monotonic() + this.#aheadOfLoopMs + this.aheadMs;
  }

  send(request: Omit<GatewayRequest, 'requestId'> & Record<string, unknown>): number {
    const requestId = ++this.#count;
    this.gateway.send({ requestId, ...request } as unknown as GatewayRequest);
    return requestId;
  }

  of<K extends GatewayEvent['kind']>(kind: K): Extract<GatewayEvent, { kind: K }>[] {
    return this.told.filter((event) => event.kind === kind) as Extract<GatewayEvent, { kind: K }>[];
  }

  /** The one that was dialled last. */
  stream(name: StreamName): Dialled {
    return this.dialled.findLast(({ stream }) => stream === name) as Dialled;
  }

  #open(stream: StreamName, events: StreamEvents) {
    const dialled: Dialled = { stream, events, sent: [], takes: true, ended: false };
    this.dialled.push(dialled);
    return {
      send: (text: string) => {
        if (dialled.takes) dialled.sent.push(text);
        return dialled.takes;
      },
      end: () => void (dialled.ended = true),
    };
  }

  #ask(put: Put): void {
    if (!isTime(put)) return void this.put.push(put);
    this.timesAsked++;
    this.isTimeSigned ||= put.question.isSigned;
    const odd = this.odd.shift() ?? 0;
    if (odd === 'lost') return;
    // A millisecond there, a millisecond back.
    this.clock.after(1 as Ms, () => {
      if (!this.isTimeTold) return;
      const told = body({ timeNano: `${this.exchangeMs() + odd}000000` });
      this.clock.after(1 as Ms, () => put.reply(told));
    });
  }
}

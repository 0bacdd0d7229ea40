// What does a rehearsal trade with? The real gateway, on wires that end in memory: what is sent is kept, and there is no socket.
import { Budget } from '../bybit/budget.ts';
import { createBybitGateway } from '../bybit/gateway/gateway.ts';
import type { StreamEvents, Wires } from '../bybit/gateway/wires.ts';
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import { createRng } from '../lib/rng.ts';
import type { Instrument } from '../market/instrument.ts';
import { moneyFromNumber } from '../market/money.ts';
import { TAKES } from '../market/side.ts';
import type { Lot, Tick } from '../market/units.ts';
import type { AccountReading, GatewayEvent, GatewayRequest, OnGatewayEvent, OrderGateway } from '../order/gateway.ts';
import type { OrderReport, PositionReport, WalletReport } from '../order/words.ts';

const EQUITY = moneyFromNumber(10_000);
const SILENT = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {}, fatal: () => {} };

/** Accepts every order and fills none. */
export class MuteExchange {
  readonly gateway: OrderGateway;
  /** Texts that a socket would have been given. */
  readonly sent: string[] = [];
  readonly #clock: Clock;
  readonly #instrument: Instrument;
  readonly #leverage: number;
  readonly #hear: OnGatewayEvent;
  #trade: StreamEvents | undefined;
  #due: (() => void)[] = [];

  constructor(
    clock: Clock,
    instrument: Instrument,
    leverage: number,
    best: readonly [Tick, Tick],
    hear: OnGatewayEvent,
  ) {
    this.#clock = clock;
    this.#instrument = instrument;
    this.#leverage = leverage;
    this.#hear = hear;
    const real = createBybitGateway(
      {
        wires: () => this.#wires(),
        instrumentOf: () => instrument,
        touchOf: (_slot, side) => best[TAKES[side]],
        connects: new Budget(10, 1 as Ms),
        calls: new Budget(10, 1 as Ms),
      },
      clock,
      createRng(1),
      SILENT,
      hear,
    );
    this.gateway = {
      send: (request) => (request.kind === 'create' ? real.send(request) : this.#ask(request)),
      close: () => real.close(),
    };
  }

  /** Comes up logged in, as an account without positions. */
  begin(): void {
    this.#trade?.ready();
    for (const link of ['rest-1', 'rest-2', 'private'] as const)
      this.#hear({ kind: 'link', link, up: true, reason: '' });
    this.pulse();
  }

  pulse(): void {
    this.#hear({ kind: 'clock', offsetMs: 0, errorMs: 1 });
    this.#hear({ kind: 'private-alive' });
  }

  /** Answers what was sent, with the reports that follow from it. */
  settle(): void {
    for (let run = this.#due.shift(); run !== undefined; run = this.#due.shift()) run();
  }

  #wires(): Wires {
    return {
      hasTrade: true,
      open: (stream, events) => {
        if (stream === 'trade') this.#trade = events;
        return {
          send: (text) => {
            this.sent.push(text);
            if (stream === 'trade') this.#due.push(() => this.#answer(text));
            return true;
          },
          end: () => {},
        };
      },
      ask: () => {},
      close: () => {},
    };
  }

  #answer(text: string): void {
    const { reqId, op, args } = JSON.parse(text) as { reqId: string; op: string; args: [{ orderLinkId: string }] };
    const [{ orderLinkId }] = args;
    const data = { orderId: `order-${reqId}`, orderLinkId };
    this.#trade?.text(JSON.stringify({ reqId, retCode: 0, retMsg: 'OK', op, data, header: {}, connId: 'mute' }));
    this.#hear({ kind: 'order', report: this.#unfilled(data.orderId, orderLinkId) });
  }

  #unfilled(orderId: string, linkId: string): OrderReport {
    return {
      symbol: this.#instrument.symbol,
      orderId,
      linkId,
      parentLinkId: '',
      side: 'buy',
      status: 'cancelled',
      createType: 'CreateByUser',
      cancelType: 'CancelByUser',
      rejectReason: 'EC_NoImmediateQtyToFill',
      isStopLoss: false,
      reduceOnly: false,
      lots: 1 as Lot,
      filledLots: 0 as Lot,
      resting: 0n,
      trigger: undefined,
      updatedMs: this.#clock.wall(),
    };
  }

  #ask(request: Exclude<GatewayRequest, { kind: 'create' }>): void {
    const { requestId, path } = request;
    const told = this.#told(request);
    if (told !== undefined) this.#due.push(() => this.#hear({ requestId, path, ...told } as GatewayEvent));
  }

  #told(request: GatewayRequest): object | undefined {
    switch (request.kind) {
      case 'read-account': {
        const value: AccountReading = {
          positions: [this.#flat()],
          openOrders: [],
          fills: request.depth === 'deep' ? [] : undefined,
          wallet: request.depth === 'deep' ? this.#wallet() : undefined,
        };
        return { kind: 'account-read', depth: request.depth, reading: { ok: true, value } };
      }
      case 'read-position':
        return { kind: 'position-read', symbol: request.symbol, reading: { ok: true, value: this.#flat() } };
      default:
        return undefined;
    }
  }

  #wallet(): WalletReport {
    return { balance: EQUITY, free: EQUITY, unrealised: 0n, updatedMs: this.#clock.wall() };
  }

  #flat(): PositionReport {
    return {
      symbol: this.#instrument.symbol,
      lots: 0,
      entryPrice: 0n,
      entryValue: 0n,
      markTick: undefined,
      liquidationPrice: undefined,
      stop: undefined,
      leverage: this.#leverage * 100,
      status: 'normal',
      isOneWay: true,
      isMarginFixed: true,
      isReduceOnly: false,
      updatedMs: this.#clock.wall(),
      seq: -1,
    };
  }
}

// How is a gateway asked one thing after the other, and waited for?
import type { Endpoints } from '../../bybit/endpoints.ts';
import { Budget } from '../../bybit/budget.ts';
import { createBybitWires } from '../../bybit/gateway/bybit-wires.ts';
import { createBybitGateway, type BybitGateway } from '../../bybit/gateway/gateway.ts';
import type { ApiKeys } from '../../bybit/gateway/keys.ts';
import type { Ms } from '../../lib/brand.ts';
import { systemClock } from '../../lib/clock.ts';
import { createRng } from '../../lib/rng.ts';
import type { Instrument } from '../../market/instrument.ts';
import type { OrderSide } from '../../market/side.ts';
import type { Slot, Tick } from '../../market/units.ts';
import type { AccountReading, Answer, GatewayEvent, GatewayRequest, Reading } from '../../order/gateway.ts';
import type { OutboundOrder, Path } from '../../order/words.ts';
import type { Question } from '../../position/core.ts';
import { SILENT } from '../database.ts';

type Kind<K extends GatewayEvent['kind']> = Extract<GatewayEvent, { kind: K }>;

const CONNECTS_MAX = 20;
const CONNECTS_PERIOD = 300_000 as Ms;
const CALLS_MAX = 100;
const CALLS_PERIOD = 5_000 as Ms;
/** The gateway answers everything within its own deadlines, the longest of which is 15 s. */
const OWED = 20_000 as Ms;
const LATE = { ok: false, reason: 'no answer' } as const;

export interface LineOptions {
  readonly endpoints: Endpoints;
  readonly keys: ApiKeys;
  readonly instrumentOf: (symbol: string) => Instrument | undefined;
  readonly touchOf: (slot: Slot, side: OrderSide) => Tick | undefined;
}

export class GatewayLine {
  readonly gateway: BybitGateway;
  readonly #told: GatewayEvent[] = [];
  #waiting: (() => void)[] = [];
  #requestId = 0;

  constructor({ endpoints, keys, instrumentOf, touchOf }: LineOptions) {
    const wires = (serverNow: () => number) => createBybitWires(endpoints, keys, serverNow);
    const connects = new Budget(CONNECTS_MAX, CONNECTS_PERIOD);
    const calls = new Budget(CALLS_MAX, CALLS_PERIOD);
    const options = { wires, instrumentOf, touchOf, connects, calls };
    this.gateway = createBybitGateway(options, systemClock, createRng(process.pid), SILENT, (event) => {
      this.#told.push(event);
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  /** The first that fits, be it told already or still to come; undefined where none has come in time. */
  async hears<K extends GatewayEvent['kind']>(
    kind: K,
    fits: (event: Kind<K>) => boolean,
    within: Ms = OWED,
  ): Promise<Kind<K> | undefined> {
    let isOver = false;
    const deadline = systemClock.after(within, () => {
      isOver = true;
      for (const wake of this.#waiting.splice(0)) wake();
    });
    try {
      for (let at = 0; ; at++) {
        while (at >= this.#told.length && !isOver)
          await new Promise<void>((resolve) => void this.#waiting.push(resolve));
        const event = this.#told[at];
        if (event === undefined) return undefined;
        if (event.kind === kind && fits(event as Kind<K>)) return event as Kind<K>;
      }
    } finally {
      deadline.cancel();
    }
  }

  async order(path: Path, order: OutboundOrder): Promise<Answer> {
    const requestId = this.#send(path, { kind: 'create', order });
    const told = await this.hears('answer', (event) => event.requestId === requestId);
    return told?.answer ?? { outcome: 'unknown', reason: 'no answer' };
  }

  /** `sinceMs`: with executions since then. */
  async account(sinceMs?: Ms): Promise<Reading<AccountReading>> {
    const depth = sinceMs === undefined ? ({ depth: 'light' } as const) : ({ depth: 'deep', sinceMs } as const);
    const requestId = this.#send('rest-1', { kind: 'read-account', ...depth });
    return (await this.hears('account-read', (event) => event.requestId === requestId))?.reading ?? LATE;
  }

  close(): Promise<void> {
    return this.gateway.close();
  }

  #send(path: Path, request: Question): number {
    const requestId = ++this.#requestId;
    this.gateway.send({ requestId, path, ...request } as GatewayRequest);
    return requestId;
  }
}

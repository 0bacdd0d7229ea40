// A market of one or two contracts that the test shows by hand, a paper account in it, and all that the account hears.
import { createBooks } from '../../src/book/layout.ts';
import { createStaging } from '../../src/book/staging.ts';
import { SUSPECT } from '../../src/book/trust.ts';
import { BookWriter } from '../../src/book/write.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createRng } from '../../src/lib/rng.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import { ONE_USDT } from '../../src/market/money.ts';
import type { OrderSide } from '../../src/market/side.ts';
import type { TriggerBy } from '../../src/market/stop-price.ts';
import type { Lot, Slot, Tick } from '../../src/market/units.ts';
import type { Answer, GatewayEvent, GatewayRequest } from '../../src/order/gateway.ts';
import type { Fill, OrderReport, PositionReport, WalletReport } from '../../src/order/words.ts';
import { usualContract, type PaperContract } from '../../src/paper/contract.ts';
import { createPaperGateway, type PaperOptions } from '../../src/paper/gateway.ts';
import { Agenda } from '../../src/simulator/agenda.ts';
import { createTape, FACT_LAST, FACT_MARK } from '../../src/tape/layout.ts';
import { addTrade, resetTape, setFact } from '../../src/tape/write.ts';
import { stage } from '../book/staged-frame.ts';

export const SOL = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;
const START_MS = 1_786_310_821_507;

/** `[tick, lots]`, from the touch outward. */
export type Levels = readonly (readonly [number, number])[];

export interface EntryWish {
  readonly side?: OrderSide;
  readonly lots: number;
  readonly cap: number;
  readonly stop: number;
  readonly by?: TriggerBy;
  readonly type?: 'limit' | 'market';
}

export interface CloseWish {
  readonly side?: OrderSide;
  readonly lots?: number;
  readonly cap?: number;
}

interface RoomWish extends Partial<PaperOptions> {
  readonly contract?: Partial<PaperContract>;
  readonly seed?: number;
  readonly startMs?: number;
  readonly hear?: (event: GatewayEvent) => void;
}

export function createRoom(wish: RoomWish = {}) {
  const books = createBooks(2);
  const tape = createTape(2);
  const writer = new BookWriter(books);
  const staging = createStaging();
  const clock = new Agenda(wish.startMs ?? START_MS);
  const slot = 0 as Slot;
  const events: GatewayEvent[] = [];
  const { symbol } = SOL;
  let contract: PaperContract | undefined = { ...usualContract(SOL, slot), ...wish.contract };
  let updates = 0;
  let requests = 0;
  let links = 0;
  const gateway = createPaperGateway(
    {
      balance: 10_000n * ONE_USDT,
      leverage: 1_000,
      takerFeePercent: 0.055,
      latencyMsMin: 50,
      latencyMsMax: 50,
      contractOf: (asked) => (asked === symbol ? contract : undefined),
      ...wish,
    },
    books,
    tape,
    clock,
    createRng(wish.seed ?? 1),
    (event) => {
      events.push(event);
      wish.hear?.(event);
    },
  );
  writer.attach(slot, 50);

  const send = (request: object): number => {
    const requestId = ++requests;
    gateway.send({ requestId, path: 'trade-socket', ...request } as GatewayRequest);
    return requestId;
  };
  const of = <Kind extends GatewayEvent['kind']>(kind: Kind) =>
    events.filter((event): event is Extract<GatewayEvent, { kind: Kind }> => event.kind === kind);

  const room = {
    gateway,
    clock,
    events,
    slot,
    symbol,
    send,
    setContract(next: PaperContract | undefined) {
      contract = next;
    },
    show(bids: Levels, asks: Levels) {
      const level = (side: 0 | 1) => (one: readonly [number, number]) => ({ side, tick: one[0], lot: one[1] });
      const levels = [...bids.map(level(0)), ...asks.map(level(1))];
      stage(staging, SOL, { snapshot: true, u: ++updates, levels });
      writer.applySnapshot(slot, SOL, staging);
      gateway.moved(slot);
    },
    doubt() {
      writer.setTrust(slot, SUSPECT);
      gateway.moved(slot);
    },
    /** Those of one message. */
    print(...ticks: readonly number[]) {
      for (const tick of ticks) addTrade(tape, slot, Float64Array.of(clock.wall()), 0, tick, 1, true, 2);
      gateway.moved(slot);
    },
    mark(tick: number) {
      setFact(tape, slot, FACT_MARK, tick / 100);
      gateway.moved(slot);
    },
    /** As a ticker tells it. */
    last(tick: number) {
      setFact(tape, slot, FACT_LAST, tick / 100);
      gateway.moved(slot);
    },
    /** The symbol has had to go and is back. */
    return() {
      resetTape(tape, slot);
    },
    pass(ms: number) {
      clock.elapse(clock.monotonic() + ms);
    },
    enter({ side = 'buy', lots, cap, stop, by = 'mark', type = 'limit' }: EntryWish, linkId = `e${++links}`) {
      const limits = { capTick: cap as Tick, stop: { tick: stop as Tick, by }, recvWindowMs: 2_000 as Ms };
      const order = { role: 'E', linkId, slot, symbol, side, lots: lots as Lot, type, ...limits };
      return send({ kind: 'create', order });
    },
    leave({ side = 'sell', lots, cap }: CloseWish = {}, linkId = `c${++links}`) {
      const terms = { lots: lots ?? 'all', type: cap === undefined ? 'market' : 'limit', capTick: cap };
      return send({ kind: 'create', order: { role: 'C', linkId, slot, symbol, side, recvWindowMs: 5_000, ...terms } });
    },
    moveStop(tick: number, by: TriggerBy = 'mark') {
      return send({ kind: 'set-stop', slot, symbol, stop: { tick, by } });
    },
    answer(requestId: number): Answer | undefined {
      return of('answer').find((event) => event.requestId === requestId)?.answer;
    },
    fills: (): Fill[] => of('fill').map(({ fill }) => fill),
    orders: (): OrderReport[] => of('order').map(({ report }) => report),
    position: (): PositionReport | undefined => of('position').at(-1)?.report,
    wallet: (): WalletReport | undefined => of('wallet').at(-1)?.report,
    of,
    /** What came since, in short: `fill 100@5`, `order filled`, … */
    heard(from = 0): string[] {
      return events.slice(from).flatMap((event) => {
        switch (event.kind) {
          case 'answer':
            return `answer ${event.answer.outcome}`;
          case 'fill':
            return `${event.fill.kind} ${event.fill.lots}@${event.fill.tick}`;
          case 'order':
            return `${event.report.isStopLoss ? 'stop' : 'order'} ${event.report.status}`;
          case 'position':
            return `position ${event.report.lots}`;
          case 'wallet':
            return 'wallet';
          default:
            return [];
        }
      });
    },
  };
  return room;
}

export type Room = ReturnType<typeof createRoom>;

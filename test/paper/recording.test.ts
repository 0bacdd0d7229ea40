// On frames of the real exchange, under the replay's clock: fills at the price that its book shows, stops when its price comes.
import { expect, test } from 'vitest';
import { Replayer } from '../../src/backtest/replayer.ts';
import type { Ms } from '../../src/lib/brand.ts';
import { createRng } from '../../src/lib/rng.ts';
import { lotFromDecimal, tickFromDecimal, type Instrument } from '../../src/market/instrument.ts';
import { ONE_USDT } from '../../src/market/money.ts';
import type { TriggerBy } from '../../src/market/stop-price.ts';
import type { Lot, Slot, Tick } from '../../src/market/units.ts';
import type { GatewayEvent, GatewayRequest } from '../../src/order/gateway.ts';
import { usualContract } from '../../src/paper/contract.ts';
import { createPaperGateway } from '../../src/paper/gateway.ts';
import type { Entry } from '../../src/record/entry.ts';
import { readInstruments } from '../../src/record/instruments.ts';
import { Agenda } from '../../src/simulator/agenda.ts';
import { defaultStrategy } from '../cli/replay/replay-room.ts';
import { readAll, REAL, REAL_INSTRUMENTS } from '../record/recorded.ts';
import { type BookMessage, PlainBook } from '../simulator/plain-book.ts';

type Frame = Extract<Entry, { kind: 'frame' }>;

interface Message {
  readonly topic?: string;
  readonly data?: unknown;
}

interface Script {
  readonly symbol: string;
  /** After the first frame. */
  readonly enterMs: number;
  readonly lots: number;
  readonly cap: string;
  readonly stop: string;
  readonly by: TriggerBy;
}

const DOGE: Script = { symbol: 'DOGEUSDT', enterMs: 5_000, lots: 1_000, cap: '0.07060', stop: '0.07053', by: 'last' };

const frames = (await readAll(REAL)).entries.filter((entry): entry is Frame => entry.kind === 'frame');
const instruments = await readInstruments(REAL_INSTRUMENTS);
const instrumentOf = (symbol: string): Instrument => instruments.get(symbol)?.instrument as Instrument;
const begun = (frames[0] as Frame).received;

interface Fill {
  readonly tick: number;
  readonly lots: number;
  /** Of the frame after which it was told, from the first. */
  readonly afterMs: number;
}

async function play({ symbol, enterMs, lots, cap, stop, by }: Script) {
  const instrument = instrumentOf(symbol);
  const clock = new Agenda(begun);
  const replayer = new Replayer({
    params: defaultStrategy(),
    extremaMinutes: 240,
    mode: 'inline',
    workers: 1,
    clock,
    verify: false,
    instruments,
    onNotice: () => undefined,
  });
  const { books, tape } = replayer.memory;
  const plain = new PlainBook();
  const events: GatewayEvent[] = [];
  const fills: Fill[] = [];
  /** The plain book as each order met it. */
  let met: [number, number][] = [];
  const side = (levels: [string, string][]): [number, number][] =>
    levels.map(([price, size]) => [
      tickFromDecimal(price, instrument) as number,
      lotFromDecimal(size, instrument) as number,
    ]);
  let now = begun;
  const gateway = createPaperGateway(
    {
      balance: 100_000n * ONE_USDT,
      leverage: 1_000,
      takerFeePercent: 0.055,
      latencyMsMin: 30,
      latencyMsMax: 80,
      contractOf(asked) {
        const slot = replayer.slotOf(asked);
        return slot === undefined ? undefined : usualContract(instrumentOf(asked), slot);
      },
    },
    books,
    tape,
    clock,
    createRng(11),
    (event) => {
      events.push(event);
      if (event.kind === 'answer') met = side(plain.levels().a);
      if (event.kind === 'order' && event.report.status === 'triggered') met = side(plain.levels().b);
      if (event.kind !== 'fill') return;
      const { tick, lots: size } = event.fill;
      fills.push({ tick, lots: size, afterMs: now - begun });
      // Level by level from the touch of the exchange's own book.
      const [touch, shown] = met.shift() ?? [0, 0];
      expect([tick, size <= shown]).toEqual([touch, true]);
    },
  );
  clock.after(enterMs as Ms, () =>
    gateway.send({
      kind: 'create',
      requestId: 1,
      path: 'trade-socket',
      order: {
        role: 'E',
        linkId: 'scripted',
        slot: replayer.slotOf(symbol) as Slot,
        symbol,
        side: 'buy',
        lots: lots as Lot,
        type: 'limit',
        capTick: tickFromDecimal(cap, instrument) as Tick,
        stop: { tick: tickFromDecimal(stop, instrument) as Tick, by },
        recvWindowMs: 2_000 as Ms,
      },
    } as GatewayRequest),
  );
  for (const frame of frames) {
    clock.elapse(frame.received);
    now = frame.received;
    await replayer.take(frame);
    const message = JSON.parse(frame.bytes.toString()) as Message;
    if (message.topic === `orderbook.200.${symbol}`) plain.apply(message as BookMessage);
    const slot = replayer.slotOf(symbol);
    if (slot !== undefined) gateway.moved(slot);
  }
  await gateway.close();
  await replayer.end();
  const text = JSON.stringify(events, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
  return { events, fills, text, instrument };
}

/** When the exchange first said something of a symbol that is `isIt`, after the order could have arrived. */
function firstTold({ symbol, enterMs }: Script, topic: string, isIt: (data: never) => boolean): number {
  const frame = frames.find(({ received, bytes }) => {
    const message = JSON.parse(bytes.toString()) as Message;
    return received - begun > enterMs + 80 && message.topic === `${topic}.${symbol}` && isIt(message.data as never);
  });
  return (frame as Frame).received - begun;
}

test('an order is filled at the price that the recorded book shows, and its stop goes off with the print that reaches it', async () => {
  const { fills, events, instrument } = await play(DOGE);
  const printed = firstTold(DOGE, 'publicTrade', (trades: { p: string }[]) =>
    trades.some(({ p }) => Number(p) <= 0.07053),
  );
  expect(fills).toHaveLength(2);
  expect(fills[0]).toMatchObject({ tick: tickFromDecimal('0.07054', instrument), lots: 1_000 });
  expect(fills[1]).toEqual({ tick: tickFromDecimal('0.07053', instrument), lots: 1_000, afterMs: printed });
  const wallet = events.findLast((event) => event.kind === 'wallet');
  // 1,000 × 0.00001 lost, and 0.055 % of 70.54 and of 70.53
  expect(wallet?.report.balance).toBe(100_000n * ONE_USDT - 1_000_000n - 3_879_700n - 3_879_150n);
});

test('a stop by the mark goes off with the ticker that reaches it, though nothing was printed there', async () => {
  const script: Script = { ...DOGE, stop: '0.07054', by: 'mark' };
  const { fills } = await play(script);
  const told = firstTold(script, 'tickers', ({ markPrice }: { markPrice?: string }) => Number(markPrice) <= 0.07054);
  expect(fills.at(-1)?.afterMs).toBe(told);
});

test('an order larger than the touch walks the recorded levels, one after the other', async () => {
  const { fills } = await play({ ...DOGE, lots: 2_000_000, cap: '0.07100', stop: '0.06000' });
  expect(fills.length).toBeGreaterThan(3);
  expect(fills.map(({ tick }) => tick)).toEqual(fills.map(({ tick }) => tick).toSorted((a, b) => a - b));
});

test('two runs over the same recording are equal, byte for byte', async () => {
  const [first, second] = [await play(DOGE), await play(DOGE)];
  expect(first.text).toBe(second.text);
  expect(first.text.length).toBeGreaterThan(1_000);
});

// Does the page stay in touch, and does it leave an engine alone that it has no business with?
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MESSAGE_COLUMNS } from '../../src/operator/page/protocol-columns.ts';
import { SUBPROTOCOL, type ToServer } from '../../src/operator/page/protocol.ts';
import { Stream } from '../../src/web/stream.ts';

/** The browser's, as far as the page uses it; what it says comes from the test. */
class Socket extends EventTarget {
  static readonly OPEN = 1;
  readyState = 0;
  binaryType = '';
  readonly sent: string[] = [];
  readonly address: string;

  constructor(address: string, protocol: string) {
    super();
    this.address = `${address} ${protocol}`;
    sockets.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.readyState = 3;
  }

  open(): void {
    this.readyState = Socket.OPEN;
    this.dispatchEvent(new Event('open'));
  }

  hear(data: string | ArrayBuffer): void {
    this.dispatchEvent(new MessageEvent('message', { data }));
  }

  lose(): void {
    this.dispatchEvent(new Event('close'));
  }
}

let sockets: Socket[];
let told: string[];
/** What the session says; undefined: the engine is not reached. */
let isGood: boolean | undefined;
/** It is asked, and no answer comes. */
let isSwallowed: boolean;
/** How often it was asked. */
let tries: number;
let stream: Stream;
const last = (): Socket => sockets.at(-1) as Socket;
const watch = (symbol: string): ToServer => ({ kind: 'watch', symbol, zoom: 1 });
const asked = (socket = last()): string[] => socket.sent.map((text) => (JSON.parse(text) as { symbol: string }).symbol);
/** Milliseconds until a socket is dialled. */
async function dialledAfter(): Promise<number> {
  const count = sockets.length;
  let ms = 0;
  for (; sockets.length === count && ms < 20_000; ms += 50) await vi.advanceTimersByTimeAsync(50);
  return ms;
}

const streamOf = (page: { protocol: string; host: string }): Stream => {
  const ears = {
    onMessage: (message: object) => told.push(JSON.stringify(message)),
    onColumns: () => told.push('columns'),
    onLink: (state: string) => told.push(state),
  };
  return new Stream(page, ears, (limit) => {
    tries++;
    if (isSwallowed)
      return new Promise((_, reject) => {
        limit.addEventListener('abort', reject);
      });
    return isGood === undefined ? Promise.reject(new TypeError('fetch')) : Promise.resolve(isGood);
  });
};

beforeEach(() => {
  vi.useFakeTimers();
  [sockets, told, isGood, isSwallowed, tries] = [[], [], true, false, 0];
  vi.stubGlobal('WebSocket', Socket);
  stream = streamOf({ protocol: 'http:', host: 'engine:8787' });
  stream.open();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('the page dials the engine that it came from, over TLS where it came so', () => {
  expect([last().address, last().binaryType]).toEqual([`ws://engine:8787/socket ${SUBPROTOCOL}`, 'arraybuffer']);
  streamOf({ protocol: 'https:', host: 'trade.example' }).open();
  expect(last().address).toBe(`wss://trade.example/socket ${SUBPROTOCOL}`);
});

test('a socket that breaks is dialled again, sooner first and then seldom, and anew once it has said something', async () => {
  last().open();
  const waits: number[] = [];
  for (let i = 0; i < 6; i++) {
    last().lose();
    waits.push(await dialledAfter());
  }
  expect(waits).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000]);
  last().hear('{"kind":"hello"}');
  last().lose();
  expect(await dialledAfter()).toBe(250);
  const once = ['down', 'connecting'];
  const six = Array.from({ length: 6 }, () => once).flat();
  expect(told).toEqual(['connecting', 'up', ...six, '{"kind":"hello"}', ...once]);
});

test('an engine that is not reached is tried on, one that knows the session no more is left alone', async () => {
  isGood = undefined;
  last().lose();
  expect(await dialledAfter()).toBe(20_000);
  expect(tries, 'after 250, 500, 1 000 and 2 000 ms, and then every four seconds').toBe(8);
  isGood = true;
  expect(await dialledAfter()).toBeLessThanOrEqual(4_000);
  isGood = false;
  last().lose();
  expect(await dialledAfter()).toBe(20_000);
  expect(told).toEqual(['connecting', 'down', 'connecting', 'down', 'refused']);
});

test('a page that comes while the engine is away finds it as soon as it is there, and not before its session is known to be good', async () => {
  isGood = undefined;
  const late = streamOf({ protocol: 'http:', host: 'engine:8787' });
  late.dial();
  expect(await dialledAfter()).toBe(20_000);
  isGood = true;
  expect(await dialledAfter()).toBeLessThanOrEqual(4_000);
});

test('an engine whose host swallows what is asked of it is asked anew after six seconds, and found when it is there again', async () => {
  isSwallowed = true;
  last().lose();
  expect(await dialledAfter()).toBe(20_000);
  expect(tries).toBe(3);
  isSwallowed = false;
  expect(await dialledAfter()).toBeLessThanOrEqual(6_000 + 4_000);
});

test('six seconds of silence are a broken connection, a second less is none; whatever it still says of its end changes nothing', async () => {
  last().open();
  await vi.advanceTimersByTimeAsync(5_000);
  last().hear('{"kind":"status"}');
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sockets).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([told.at(-1), last().readyState]).toEqual(['down', 3]);
  await vi.advanceTimersByTimeAsync(250);
  expect(sockets).toHaveLength(2);
  sockets[0]?.lose();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(sockets, 'a new one has six seconds of its own').toHaveLength(2);
});

test('who leafs through many symbols asks for the first and for those where he rests, four times a second at most', async () => {
  last().open();
  for (const symbol of ['A', 'B', 'C']) stream.watch(watch(symbol));
  expect(asked()).toEqual(['A']);
  await vi.advanceTimersByTimeAsync(249);
  expect(asked()).toEqual(['A']);
  await vi.advanceTimersByTimeAsync(1);
  expect(asked()).toEqual(['A', 'C']);
  stream.watch(watch('D'));
  await vi.advanceTimersByTimeAsync(250);
  expect(asked()).toEqual(['A', 'C', 'D']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked(), 'once is enough').toEqual(['A', 'C', 'D']);
  stream.watch(watch('E'));
  expect(asked()).toEqual(['A', 'C', 'D', 'E']);
});

test('a new socket asks for what was wished last, one that is not open yet for nothing', async () => {
  stream.watch(watch('A'));
  expect(asked()).toEqual([]);
  last().open();
  expect(asked()).toEqual(['A']);
  await vi.advanceTimersByTimeAsync(250);
  last().lose();
  stream.watch(watch('B'));
  expect(await dialledAfter()).toBe(250);
  last().open();
  expect([asked(sockets[0]), asked()]).toEqual([['A'], ['B']]);
});

test('a picture that is none of ours is no column', () => {
  last().hear(new ArrayBuffer(12));
  expect(told).toEqual(['connecting']);
  last().hear(new Uint8Array([MESSAGE_COLUMNS, ...Array<number>(11).fill(0)]).buffer);
  expect(told).toEqual(['connecting', 'columns']);
});

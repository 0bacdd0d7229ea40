// Does a question reach the address that was named, once, and is all that comes with its answer heard?
import { createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Ms } from '../../../src/lib/brand.ts';
import { systemClock, type Clock } from '../../../src/lib/clock.ts';
import { RestWire } from '../../../src/bybit/gateway/rest-wire.ts';
import type { Question, Reply } from '../../../src/bybit/gateway/wires.ts';

const ORDER: Question = {
  method: 'POST',
  path: '/v5/order/create',
  params: { category: 'linear', symbol: 'SOLUSDT' },
  isSigned: true,
  recvWindowMs: 2_000,
};
const EMPTY = JSON.stringify({ retCode: 0, retMsg: 'OK', result: {}, time: 1_786_310_820_000 });

/** A host that answers so, by its address; `connections` counts those that were made to it. */
async function host(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  serverNow: () => number = Date.now,
  clock?: Clock,
) {
  const asked: string[] = [];
  let connections = 0;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    request.resume().once('end', () => answer(request, response));
  });
  server.on('connection', () => connections++);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const wire = new RestWire({ url, keys: { key: 'key-of-this-test', secret: 'its-secret' }, serverNow }, clock);
  onTestFinished(() => {
    wire.close();
    server.close();
  });
  return {
    url,
    asked,
    connections: () => connections,
    stop: () => server.close(),
    ask: (question: Question) => new Promise<Reply>((resolve) => wire.ask(question, resolve)),
  };
}

test('an order is not sent on: a host that points elsewhere has not answered, and nobody else hears of it (O32)', async () => {
  const other = await host((_, response) => response.end(EMPTY));
  const first = await host((_, response) => {
    response.writeHead(307, { location: `${other.url}/v5/order/create` }).end();
  });
  expect(await first.ask(ORDER)).toEqual({ kind: 'status', status: 307 });
  expect(first.asked).toEqual(['POST /v5/order/create']);
  expect(other.asked).toEqual([]);
});

test('what an answer tells of the limit is heard, and the next question goes over the same connection', async () => {
  const limit = { 'X-Bapi-Limit': '10', 'X-Bapi-Limit-Status': '3', 'X-Bapi-Limit-Reset-Timestamp': '1786310820500' };
  const one = await host((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...limit }).end(EMPTY);
  });
  const quota = { limit: 10, left: 3, resetMs: 1_786_310_820_500 };
  expect(await one.ask(ORDER)).toMatchObject({ kind: 'body', body: { retCode: 0 }, quota });
  expect(await one.ask({ ...ORDER, recvWindowMs: 5_000 })).toMatchObject({ kind: 'body', quota });
  expect(one.connections()).toBe(1);
});

test('an order whose answer breaks off is not told to have been answered with HTTP 200 (O01)', async () => {
  const one = await host((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(EMPTY.slice(0, 20), () => response.destroy());
  });
  expect(await one.ask(ORDER)).toEqual({ kind: 'failed', code: 'the answer broke off', isUnsent: false });
  expect(one.asked).toEqual(['POST /v5/order/create']);
});

test('an answer that goes on and on is broken off: of an order nobody knows what became, and the memory is left to whoever trades', async () => {
  const megabyte = Buffer.alloc(1 << 20, ' ');
  const pour = (response: ServerResponse, left: number): void =>
    left === 0 ? void response.end(EMPTY) : void response.write(megabyte, () => pour(response, left - 1));
  const one = await host((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    pour(response, 64);
  });
  expect(await one.ask(ORDER)).toEqual({ kind: 'failed', code: 'ERR_BAD_RESPONSE', isUnsent: false });
});

test('an order is surely not sent only where no connection was made: of one that breaks without an answer nobody knows (O01)', async () => {
  const one = await host((request) => request.socket.destroy());
  expect(await one.ask(ORDER)).toEqual({ kind: 'failed', code: 'ECONNRESET', isUnsent: false });
  expect(one.asked).toEqual(['POST /v5/order/create']);
  one.stop();
  expect(await one.ask(ORDER)).toEqual({ kind: 'failed', code: 'ECONNREFUSED', isUnsent: true });
});

test('a question goes to the host that was named, whatever proxy the environment names, with the exchange’s time and its own window, signed where it must be', async () => {
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const [name, value] of Object.entries({ http_proxy: 'http://127.0.0.1:1', no_proxy: '', NO_PROXY: '' }))
    vi.stubEnv(name, value);
  const heard: Record<string, unknown>[] = [];
  const aheadMs = 3_600_000;
  const one = await host(
    (request, response) => {
      heard.push(request.headers);
      const retMsg = 'error sign! origin_string[key-of-this-test]';
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ retCode: 10_004, retMsg }));
    },
    () => Date.now() + aheadMs,
  );
  const read: Question = { ...ORDER, method: 'GET', path: '/v5/position/list', recvWindowMs: 5_000 };
  const from = Date.now() + aheadMs;
  const told = [await one.ask(ORDER), await one.ask(read), await one.ask({ ...read, isSigned: false })];
  expect(JSON.stringify(told)).not.toContain('key-of-this-test');
  const said = [JSON.stringify(ORDER.params), 'category=linear&symbol=SOLUSDT'];
  for (const [at, recvWindowMs] of [ORDER.recvWindowMs, 5_000].entries()) {
    const headers = heard[at] ?? {};
    const stamp = Number(headers['x-bapi-timestamp']);
    expect(stamp).toBeGreaterThanOrEqual(from);
    const text = `${stamp}key-of-this-test${recvWindowMs}${said[at]}`;
    expect(headers).toMatchObject({
      'x-bapi-api-key': 'key-of-this-test',
      'x-bapi-recv-window': String(recvWindowMs),
      'x-bapi-sign': createHmac('sha256', 'its-secret').update(text).digest('hex'),
    });
  }
  expect(heard[2]).not.toHaveProperty('x-bapi-sign');
  expect(heard).toHaveLength(3);
});

test('an answer that trickles in is given twenty seconds in all, and its connection is free then; what is answered meanwhile is not', async () => {
  const due: { readonly within: Ms; readonly run: () => void }[] = [];
  const after: Clock['after'] = (within, run) => {
    const one = { within, run };
    due.push(one);
    return { cancel: () => void due.splice(due.indexOf(one), 1) };
  };
  const { promise: isFree, resolve: free } = Promise.withResolvers<void>();
  const one = await host(
    (request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      if (request.method === 'GET') return void response.end(EMPTY);
      response.on('close', free).write(' ', () => due[0]?.run());
    },
    Date.now,
    { ...systemClock, after },
  );
  expect(await one.ask(ORDER)).toEqual({ kind: 'failed', code: 'ERR_CANCELED', isUnsent: false });
  await isFree;
  expect(await one.ask({ ...ORDER, method: 'GET' })).toMatchObject({ kind: 'body' });
  expect(due).toEqual([]);
});

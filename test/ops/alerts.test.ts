// Does an alert arrive, and does a hook that hangs, refuses or is away do any harm?
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { createRng } from '../../src/lib/rng.ts';
import type { Alerts, AlertsOptions } from '../../src/ops/alerts.ts';
import { createAlerts } from '../../src/ops/alerts.ts';
import { HandClock } from '../hand-clock.ts';

interface Received {
  readonly event: string;
  readonly text: string;
  readonly level: string;
  readonly repeats?: number;
  readonly dropped: number;
  readonly fields: Record<string, unknown>;
  readonly source: Record<string, string>;
}

let server: Server;
let received: Received[];
let answer: (response: ServerResponse, request: IncomingMessage) => void;
let raised: Alerts[];
/** Under way. */
let posts: number;
let logged: { event: string; fields: object }[];

let time: HandClock;

beforeEach(async () => {
  received = [];
  raised = [];
  logged = [];
  posts = 0;
  time = new HandClock(Date.UTC(2026, 10, 26));
  answer = (response) => void response.end('ok');
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (text: Buffer) => {
      body += text.toString();
    });
    request.on('end', () => {
      received.push(JSON.parse(body) as Received);
      answer(response, request);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
});
afterEach(async () => {
  for (const alerts of raised) {
    const closing = alerts.close(0 as Ms);
    time.pass(0);
    await closing;
  }
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
});

function hook(over: Partial<AlertsOptions> = {}): Alerts {
  const { port } = server.address() as AddressInfo;
  const alerts = createAlerts(
    {
      url: `http://127.0.0.1:${port}/services/T0KEN`,
      heartbeatMs: 0 as Ms,
      source: { environment: 'simulator', session: 's1' },
      condition: () => ({ mode: 'ACTIVE' }),
      secrets: ['canary-secret'],
      ...over,
    },
    {
      clock: time,
      rng: createRng(1),
      log: { warn: (fields, event) => void logged.push({ event, fields }) },
      async fetch(...request) {
        posts++;
        return fetch(...request).finally(() => posts--);
      },
    },
  );
  raised.push(alerts);
  return alerts;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((next) => setTimeout(next, 2));
}

test('an alert arrives with who speaks, what and where, and words that a chat can show', async () => {
  const alerts = hook();
  alerts.raise('critical', 'position.unprotected', {
    symbol: 'DOGEUSDT',
    forMs: 1_200,
    worth: 25n,
    error: new RangeError('no'),
    more: { than: 'a line' },
  });
  await until(() => alerts.counts().sent === 1);
  expect(received).toEqual([
    {
      time: '2026-11-26T00:00:00.000Z',
      level: 'critical',
      event: 'position.unprotected',
      text: 'critical: position.unprotected DOGEUSDT on simulator: forMs 1200, worth 25, error RangeError: no',
      content: 'critical: position.unprotected DOGEUSDT on simulator: forMs 1200, worth 25, error RangeError: no',
      fields: { symbol: 'DOGEUSDT', forMs: 1_200, worth: '25', error: 'RangeError: no', more: { than: 'a line' } },
      source: { environment: 'simulator', session: 's1' },
      dropped: 0,
    },
  ]);
});

test('what the address of a hook says for itself arrives as it stands, and no name in the alert contradicts it', async () => {
  // Telegram reads `chat_id` of it and `text` of the alert, ntfy the pattern in `m`.
  const query = '?chat_id=-1001234&tpl=1&m={{.text}}';
  const { port } = server.address() as AddressInfo;
  const asked: (string | undefined)[] = [];
  answer = (response, request) => {
    asked.push(request.url);
    response.end();
  };
  const alerts = hook({ url: `http://127.0.0.1:${port}/bot1:T0KEN/sendMessage${query}` });
  alerts.raise('error', 'order.unknown', { chat_id: 1, parse_mode: 'HTML' });
  await until(() => alerts.counts().sent === 1);
  expect(asked).toEqual([`/bot1:T0KEN/sendMessage${query}`]);
  const names = ['time', 'level', 'event', 'text', 'content', 'fields', 'source', 'dropped'];
  expect(Object.keys(received[0] as Received)).toEqual(names);
});

test('a thousand of the same are two: the first at once, the rest as a count; another symbol is its own', async () => {
  const alerts = hook();
  for (let i = 0; i < 1_000; i++) alerts.raise('error', 'order.unknown', { symbol: 'DOGEUSDT', i });
  alerts.raise('error', 'order.unknown', { symbol: 'XRPUSDT' });
  await until(() => alerts.counts().sent === 2);
  time.pass(10_000);
  await until(() => alerts.counts().sent === 3);
  expect(received.map(({ text, repeats }) => [text, repeats])).toEqual([
    ['error: order.unknown DOGEUSDT on simulator: i 0', undefined],
    ['error: order.unknown XRPUSDT on simulator', undefined],
    ['error: order.unknown DOGEUSDT on simulator: i 999 (999 more)', 999],
  ]);
});

test('a text keeps within what the narrowest chat takes, and says that more was told', async () => {
  const alerts = hook();
  alerts.raise('error', 'config.refused', { reason: 'x'.repeat(5_000), line: 7 });
  await until(() => alerts.counts().sent === 1);
  const [{ text }] = received as [Received];
  expect([text.length < 1_100, text.at(-1)]).toEqual([true, '…']);
});

test('signs of life tell the condition, and the first comes at once', async () => {
  const alerts = hook({ heartbeatMs: 300_000 as Ms });
  await until(() => alerts.counts().sent === 1);
  time.pass(300_000);
  await until(() => alerts.counts().sent === 2);
  expect(received.map(({ event, fields }) => [event, fields])).toEqual([
    ['heartbeat', { mode: 'ACTIVE' }],
    ['heartbeat', { mode: 'ACTIVE' }],
  ]);
  // Those that wait for an ill hook must not drive alerts out.
  answer = (response) => void response.writeHead(503).end();
  for (let beat = 1; beat <= 2; beat++) {
    time.pass(300_000);
    await until(() => logged.length === beat);
  }
  expect(alerts.counts()).toMatchObject({ waiting: 1 });
});

test('a hook that is ill for a while gets the alert later, one that refuses it never again', async () => {
  const answers = [500, 429, 200, 404];
  answer = (response) => void response.writeHead(answers.shift() ?? 200).end();
  const alerts = hook();
  alerts.raise('error', 'one', {});
  await until(() => logged.length === 1);
  alerts.raise('error', 'two', {});
  expect(posts).toBe(0); // it waits its turn, and tries are not used up by a burst
  time.pass(1_000);
  await until(() => logged.length === 2);
  time.pass(2_000);
  await until(() => alerts.counts().dropped === 1);
  alerts.raise('error', 'three', {});
  await until(() => alerts.counts().sent === 2);
  expect(received.map(({ event }) => event)).toEqual(['one', 'one', 'one', 'two', 'three']);
  expect(received.at(-1)?.dropped).toBe(1);
});

test('a hook that hangs holds up nothing: it is given 5 s, four times, and then the next one’s turn comes', async () => {
  let isHanging = true;
  answer = (response) => void (isHanging || response.end());
  const alerts = hook();
  alerts.raise('error', 'hung', {});
  for (let attempt = 1; attempt <= 4; attempt++) {
    await until(() => received.length === attempt);
    if (attempt === 4) isHanging = false;
    time.pass(5_000);
    await until(() => logged.length === attempt);
    time.pass(2 ** (attempt - 1) * 1_000); // never so long that the next attempt too is over
  }
  await until(() => alerts.counts().dropped === 1);
  alerts.raise('error', 'heard', {});
  await until(() => alerts.counts().sent === 1);
  expect(logged).toEqual(Array(4).fill({ event: 'alerts.failed', fields: { reason: 'AbortError' } }));
});

test.each([
  ['seconds', '30', 30_000],
  ['a date', 'Thu, 26 Nov 2026 00:00:40 GMT', 40_000],
  ['more than anybody waits for', '86400', 300_000],
  ['no time at all', 'soon', 1_000],
])(
  'a hook that wants no more for a while, told as %s, is left alone so long, and nothing is lost by it',
  async (_, told, ms) => {
    const answers = [429, 503];
    answer = (response) => {
      const status = answers.shift() ?? 200;
      response.writeHead(status, status === 429 ? { 'retry-after': told } : {}).end();
    };
    const alerts = hook();
    alerts.raise('error', 'one', {});
    await until(() => logged.length === 1);
    alerts.raise('error', 'two', {});
    if (ms > 1_000) time.pass(ms - 1);
    expect([received.length, posts]).toEqual([1, 0]);
    time.pass(1_000);
    await until(() => logged.length === 2);
    time.pass(2_000);
    await until(() => alerts.counts().sent === 2);
    expect(received.map(({ event }) => event)).toEqual(['one', 'one', 'one', 'two']);
  },
);

test('a hook that wants no more for a while is left alone so long also after the last attempt with an alert', async () => {
  answer = (response) => {
    response.writeHead(received.length <= 4 ? 429 : 200, { 'retry-after': '30' }).end();
  };
  const alerts = hook();
  alerts.raise('error', 'one', {});
  alerts.raise('error', 'two', {});
  for (let attempt = 1; attempt <= 4; attempt++) {
    await until(() => logged.length === attempt);
    await until(() => alerts.counts().dropped === (attempt === 4 ? 1 : 0));
    if (attempt < 4) time.pass(30_000);
  }
  time.pass(29_999);
  expect([received.length, posts, alerts.counts().waiting]).toEqual([4, 0, 1]);
  time.pass(1);
  await until(() => alerts.counts().sent === 1);
  expect(received.at(-1)).toMatchObject({ event: 'two' });
});

test('an address that cannot be posted to at all says why', async () => {
  const alerts = hook({ url: 'http://127.0.0.1:6000/' });
  alerts.raise('error', 'lost', {});
  await until(() => logged.length === 1);
  expect(logged).toEqual([{ event: 'alerts.failed', fields: { reason: 'bad port' } }]);
});

test('what waits is bounded: the newest stay, and how many went is told', async () => {
  answer = () => undefined;
  const alerts = hook();
  alerts.raise('error', 'first', {});
  await until(() => received.length === 1);
  for (let i = 0; i < 150; i++) alerts.raise('error', `event-${i}`, {});
  expect(alerts.counts()).toEqual({ sent: 0, dropped: 51, waiting: 100 });
  answer = (response) => void response.end();
  time.pass(5_000);
  await until(() => logged.length === 1);
  time.pass(1_000);
  await until(() => alerts.counts().waiting === 0);
  const newest = Array.from({ length: 99 }, (_, i) => `event-${51 + i}`);
  expect(received.map(({ event }) => event)).toEqual(['first', 'first', ...newest]);
});

test('S01: neither the key nor the hook’s own address leaves in an alert or in the log', async () => {
  answer = (response) => void response.writeHead(302, { location: 'http://127.0.0.1:1/elsewhere' }).end();
  const { port } = server.address() as AddressInfo;
  const alerts = hook();
  const url = `http://127.0.0.1:${port}/services/T0KEN`;
  alerts.raise('error', 'told', { message: `bad key canary-secret at ${url}` });
  await until(() => alerts.counts().dropped === 1);
  const nobody = hook({ url: 'http://127.0.0.1:1/services/T0KEN' });
  nobody.raise('error', 'told', {});
  await until(() => logged.length === 2);
  expect(received[0]?.fields).toEqual({ message: 'bad key [redacted] at [redacted]' });
  expect(JSON.stringify([received, logged])).not.toMatch(/canary-secret|T0KEN/);
});

test('at the end what waits is sent, but nobody waits for a hook that hangs', async () => {
  const well = hook({ heartbeatMs: 300_000 as Ms });
  well.raise('error', 'last words', {});
  well.raise('error', 'last words', {});
  await well.close(3_000 as Ms);
  expect(time.dueMs).toBe(Infinity); // one would keep the process
  expect(received.map(({ text }) => text)).toEqual([
    'alive on simulator',
    'error: last words on simulator',
    'error: last words on simulator (1 more)',
  ]);
  answer = () => undefined;
  const ill = hook();
  ill.raise('error', 'unheard', {});
  await until(() => received.length === 4);
  const closing = ill.close(3_000 as Ms);
  time.pass(3_000);
  await closing;
  await until(() => posts === 0);
  ill.raise('error', 'too late', {});
  expect(ill.counts()).toMatchObject({ sent: 0, waiting: 1 });
  expect(time.dueMs).toBe(Infinity);
});

test('at the end nobody waits for the next try of a hook that was ill a moment ago: it is made at once', async () => {
  const answers = [503];
  answer = (response) => void response.writeHead(answers.shift() ?? 200).end();
  const alerts = hook();
  alerts.raise('error', 'one', {});
  await until(() => logged.length === 1);
  alerts.raise('critical', 'last words', {});
  await alerts.close(2_000 as Ms);
  expect(received.map(({ event }) => event)).toEqual(['one', 'one', 'last words']);
  expect(alerts.counts()).toEqual({ sent: 2, dropped: 0, waiting: 0 });
  answer = (response) => void response.writeHead(503).end();
  const ill = hook();
  ill.raise('error', 'unheard', {});
  await until(() => logged.length === 2);
  const closing = ill.close(0 as Ms);
  await until(() => logged.length === 3);
  time.pass(0);
  await closing;
  expect(time.dueMs).toBe(Infinity);
});

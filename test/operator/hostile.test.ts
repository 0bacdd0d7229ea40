// Can anybody without every proof change anything, whatever he says of himself? All mixtures of what a request can claim.
import net from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../src/lib/clock.ts';
import { PROOF_HEADER, SUBPROTOCOL } from '../../src/operator/page/protocol.ts';
import { startFakeMain, type FakeMain } from './fake-main.ts';
import { askAll, cases, HOSTS, ORIGINS, proofHeaders } from './hostile-cases.ts';
import { ask, logIn, type Login, type Sent } from './visitor.ts';

let main: FakeMain;
let login: Login;
/** Says this, and then nothing any more; resolves when it is let go. */
const knock = (url: string, said: string): Promise<void> =>
  new Promise((resolve) => {
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(said));
    socket.resume().on('close', () => resolve());
  });
const letGo: string[] = [];
let allLetGo: Promise<unknown>;
beforeAll(async () => {
  main = await startFakeMain({ symbols: 2, warmUpMs: 1_000 });
  login = await logIn(main.url, main.token);
  const head = `GET /healthz HTTP/1.1\r\nhost: ${new URL(main.url).host}\r\n`;
  const knocks = Object.entries({ answered: `${head}\r\n`, silent: '', 'half a head': head });
  allLetGo = Promise.all(knocks.map(([name, said]) => knock(main.url, said).then(() => letGo.push(name))));
});
afterAll(() => main.close());

test('of all mixtures of method, origin, host, proof and content type only the one with every proof changes anything', async () => {
  const all = cases(main.url, { token: main.token, login });
  expect(all.length).toBeGreaterThanOrEqual(200);
  const answers = await askAll(main.url, all);
  const letIn = all.filter((_, i) => answers[i]?.status === 200).map(({ name }) => name);
  expect(letIn).toEqual(all.filter(({ isProven }) => isProven).map(({ name }) => name));
  expect(main.desk.commands).toHaveLength(1);
  expect(all.filter((_, i) => ![200, 400, 401, 403, 404, 405, 415, 421].includes(answers[i]?.status ?? 0))).toEqual([]);
});

test('a socket is opened only to our own page with a session', async () => {
  const { port } = new URL(main.url);
  const wrong: string[] = [];
  let opened = 0;
  for (const [origin, originOf] of Object.entries(ORIGINS)) {
    for (const [host, hostOf] of Object.entries(HOSTS)) {
      for (const proof of ['cookie and proof', 'wrong cookie', 'cookie twice', 'nothing'] as const) {
        for (const site of [undefined, 'same-origin', 'cross-site']) {
          for (const protocol of [SUBPROTOCOL, undefined]) {
            // Beside a wrong name or a missing session these two change nothing.
            if ((host !== 'own' || proof !== 'cookie and proof') && (site !== undefined || protocol === undefined))
              continue;
            const headers = {
              host: hostOf(port),
              origin: originOf(port),
              connection: 'Upgrade',
              upgrade: 'websocket',
              'sec-websocket-version': '13',
              'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
              'sec-websocket-protocol': protocol,
              'sec-fetch-site': site,
              ...proofHeaders(proof, { token: main.token, login }),
            };
            let got = await ask(main.url, { path: '/socket', headers });
            while (got.status === 429) {
              await new Promise((next) => setTimeout(next, 100));
              got = await ask(main.url, { path: '/socket', headers });
            }
            const { status } = got;
            const isOurs =
              origin === 'own' &&
              host === 'own' &&
              proof === 'cookie and proof' &&
              site !== 'cross-site' &&
              protocol === SUBPROTOCOL;
            if ((status === 101) !== isOurs)
              wrong.push(`${origin}, ${host}, ${proof}, ${site}, ${protocol}: ${status}`);
            if (status === 101) opened++;
          }
        }
      }
    }
  }
  expect(wrong).toEqual([]);
  expect(opened).toBe(2);
});

test('S05: by a name that somebody else points here nothing at all is read, with a session or without, and over no socket', async () => {
  const { port } = new URL(main.url);
  const asked = async (host: string, path: string, more: Record<string, string> = {}): Promise<number> =>
    (await ask(main.url, { path, headers: { host, cookie: login.cookie, ...more } })).status;
  for (const path of ['/', '/page.js', '/healthz', '/readyz', '/metrics', '/api/session', '/nowhere']) {
    expect([path, await asked(`evil.example:${port}`, path)]).toEqual([path, 421]);
    expect([path, await asked(`127.0.0.1:${port}`, path)]).not.toEqual([path, 421]);
  }
  const socket = { connection: 'Upgrade', upgrade: 'websocket', origin: `http://evil.example:${port}` };
  expect(await asked(`evil.example:${port}`, '/socket', socket)).toBe(421);
});

test('a login needs the token, our own page and JSON; a guess is no login', async () => {
  const origin = main.url.replace(/\/$/, '');
  const tries: (readonly [number, Sent])[] = [
    [401, { path: '/api/login', headers: { origin, 'content-type': 'application/json' }, body: '{"token":"A"}' }],
    [403, { path: '/api/login', headers: { 'content-type': 'application/json' }, body: `{"token":"${main.token}"}` }],
    [
      403,
      {
        path: '/api/login',
        headers: { origin: 'http://evil.example', 'content-type': 'application/json' },
        body: `{"token":"${main.token}"}`,
      },
    ],
    [415, { path: '/api/login', headers: { origin, 'content-type': 'text/plain' }, body: `{"token":"${main.token}"}` }],
    [400, { path: '/api/login', headers: { origin, 'content-type': 'application/json' }, body: '{"token":' }],
    [
      401,
      {
        path: '/api/login',
        headers: { origin, 'content-type': 'application/json' },
        body: `{"token":"${main.token}","x":1}`,
      },
    ],
    [
      413,
      { path: '/api/login', headers: { origin, 'content-type': 'application/json' }, body: `"${'x'.repeat(5_000)}"` },
    ],
    [
      400,
      {
        path: '/api/login',
        headers: { origin, 'content-type': 'application/json' },
        body: '{"__proto__":{"token":"A"}}',
      },
    ],
  ];
  for (const [wanted, sent] of tries) {
    const got = await ask(main.url, { method: 'POST', ...sent });
    expect([wanted, got.status, got.headers['set-cookie']]).toEqual([wanted, wanted, undefined]);
  }
});

test.each([
  ['two lengths', 'POST /api/command HTTP/1.1\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n', 400],
  ['a path above', 'GET /../../etc/passwd HTTP/1.1\r\n', 404],
  ['a whole address', 'GET http://evil.example/metrics HTTP/1.1\r\n', 400],
  ['endless headers', `GET / HTTP/1.1\r\nx: ${'y'.repeat(9_000)}\r\n`, 431],
])('a request with %s gets nowhere', async (_, head, status) => {
  const { port, host } = new URL(main.url);
  const text = await new Promise<string>((resolve) => {
    const socket = net.connect(Number(port), '127.0.0.1');
    let all = '';
    socket.on('data', (bytes) => (all += bytes.toString()));
    socket.on('error', () => resolve(all));
    socket.on('close', () => resolve(all));
    socket.write(`${head}host: ${host}\r\nconnection: close\r\n\r\n`);
  });
  expect(text).toContain(`HTTP/1.1 ${status}`);
});

test('the token is not found by guessing: of many tries at once some ten are looked at', async () => {
  const guessed = await startFakeMain({ symbols: 2, warmUpMs: 500 });
  const headers = { origin: guessed.url.replace(/\/$/, ''), 'content-type': 'application/json' };
  const guess = (i: number) =>
    ask(guessed.url, { method: 'POST', path: '/api/login', headers, body: `{"token":"${i}"}` });
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => guess(i)));
  const count = (wanted: number): number => answers.filter(({ status }) => status === wanted).length;
  expect(count(401)).toBeGreaterThanOrEqual(10);
  expect(count(429)).toBe(100 - count(401));
  expect(count(429)).toBeGreaterThan(50);
  await guessed.close();
});

test('who only may look changes nothing with every proof, and who asks for nothing holds up no end', async () => {
  const endless = { ...systemClock, after: () => ({ cancel: () => undefined }) };
  const shown = await startFakeMain({ symbols: 2, warmUpMs: 500, control: false, clock: endless });
  const silent = knock(shown.url, '');
  const { cookie, proof } = await logIn(shown.url, shown.token);
  const origin = shown.url.replace(/\/$/, '');
  const headers = { origin, cookie, [PROOF_HEADER]: proof, 'content-type': 'application/json' };
  const body = JSON.stringify({ id: 'click-0001', kind: 'kill' });
  const got = await ask(shown.url, { method: 'POST', path: '/api/command', headers, body });
  expect([got.status, shown.desk.commands]).toEqual([403, []]);
  await shown.close();
  expect(await silent).toBeUndefined();
}, 30_000);

test('every answer forbids what a page could be made to do for others', async () => {
  for (const path of ['/', '/page.js', '/api/session', '/healthz', '/metrics', '/nowhere']) {
    const { headers } = await ask(main.url, { path });
    const policy = String(headers['content-security-policy']).split('; ');
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ]);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
    });
    expect(headers).not.toHaveProperty('server');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  }
  const { body } = await ask(main.url, { path: '/' });
  expect(body).not.toMatch(/<script(?![^>]* src=)|\son\w+=|<style|\sstyle=/);
});

test('a flood of strangers is refused, health is answered all the while, and a session is not touched by it', async () => {
  const flood = await Promise.all(Array.from({ length: 800 }, () => ask(main.url, { path: '/' })));
  expect(flood.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
  const health = await Promise.all(Array.from({ length: 20 }, () => ask(main.url, { path: '/healthz' })));
  expect(health.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  const { status } = await ask(main.url, { path: '/api/session', headers: { cookie: login.cookie } });
  expect(status).toBe(200);
});

test('S08: whoever asks for nothing makes room for a probe before whoever was answered does', async () => {
  await allLetGo;
  expect(letGo.toSorted()).toEqual(['answered', 'half a head', 'silent']);
  expect(letGo.at(-1)).toBe('answered');
});

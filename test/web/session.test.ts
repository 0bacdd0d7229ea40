// Does a page that may act on the engine go on doing so? Against the real server, with the one cookie that all windows of a browser share.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createBooks } from '../../src/book/layout.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { Board } from '../../src/operator/board/board.ts';
import { createLatencies } from '../../src/operator/metrics/latency.ts';
import { MetricSet } from '../../src/operator/metrics/metric-set.ts';
import { Surface } from '../../src/operator/page/server.ts';
import { Sessions } from '../../src/operator/page/sessions.ts';
import { createLives } from '../../src/scan/layout.ts';
import { createTape } from '../../src/tape/layout.ts';
import { Session } from '../../src/web/session.ts';

let surface: Surface;
let commands: string[];
/** The browser's, as far as the page uses it. */
let cookie: string;
/** What is sent gets lost on its way, for so long as somebody waits. */
let isSwallowed: boolean;

beforeEach(async () => {
  [commands, cookie, isSwallowed] = [[], '', false];
  const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1), latencies: createLatencies() };
  surface = new Surface({
    settings: { host: '127.0.0.1', port: 0, allowedHosts: [], control: true, tokenFile: '' },
    token: 'secret',
    assets: new Map(),
    board: new Board(memory, systemClock),
    metrics: new MetricSet(),
    sessions: new Sessions(systemClock),
    clock: systemClock,
    requests: { answered: 0, refused: 0, limited: 0, failed: 0 },
    command: ({ kind }) => {
      commands.push(kind);
      return Promise.resolve({ accepted: true, text: 'done' });
    },
    onLogout: () => undefined,
    tell: () => undefined,
  });
  const origin = `http://127.0.0.1:${await surface.listen()}`;
  const real = fetch;
  vi.stubGlobal('fetch', async (path: string, { headers, signal, ...rest }: RequestInit) => {
    if (isSwallowed)
      return new Promise((_, reject) => {
        signal?.addEventListener('abort', () => reject(signal.reason as Error));
      });
    const answer = await real(origin + path, { ...rest, headers: { ...(headers as object), origin, cookie } });
    cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? cookie;
    return answer;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  await surface.app.close();
});

test('the kill switch of a window works also after the page was opened, and signed in to, in another one', async () => {
  const [one, other] = [new Session(), new Session()];
  expect(await one.login('secret')).toBeUndefined();
  expect(await other.login('secret')).toBeUndefined();
  expect(await one.command('kill')).toEqual({ accepted: true, text: 'done' });
  expect(await other.command('resume')).toEqual({ accepted: true, text: 'done' });
  expect(commands).toEqual(['kill', 'resume']);
});

test('a command that the network swallows is answered after ten seconds, so that it can be given again', async () => {
  const session = new Session();
  await session.login('secret');
  const limit = new AbortController();
  const patience = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal);
  isSwallowed = true;
  const answer = session.command('kill');
  limit.abort(new DOMException('signal timed out', 'TimeoutError'));
  expect(await answer).toEqual({
    accepted: false,
    text: 'The engine has not answered (TimeoutError: signal timed out) and may still carry this out. On its host, in the folder of the clone: npx plotnost flatten',
  });
  expect(patience).toHaveBeenCalledWith(10_000);
  isSwallowed = false;
  expect(await session.command('kill')).toEqual({ accepted: true, text: 'done' });
});

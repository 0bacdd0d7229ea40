// What is a page told by the operator's thread when main is not there for it?
import { MessageChannel } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { PROOF_HEADER } from '../../src/operator/page/protocol.ts';
import type { FromOperator } from '../../src/operator/port.ts';
import { runOperatorThread } from '../../src/operator/thread.ts';
import { createVirtualClock } from '../bybit/virtual-clock.ts';
import { FakeMarket } from './fake-market.ts';
import { until } from './page-socket.ts';
import { ask, logIn } from './visitor.ts';

test('a page whose kill main does not answer is told so after five seconds, and how to stop an engine that hangs', async () => {
  const { arenas } = new FakeMarket(7, 1, () => undefined, 0);
  const clock = createVirtualClock();
  const { port1, port2 } = new MessageChannel();
  const said: FromOperator[] = [];
  port2.on('message', (message: FromOperator) => said.push(message));
  const token = 'token';
  const surface = { host: '127.0.0.1', port: 0, allowedHosts: [], control: true, tokenFile: '' };
  const taken = new SharedArrayBuffer(4);
  await runOperatorThread(
    { arenas, surface, token, past: undefined, startedMs: 0, taken, timeOrigin: performance.timeOrigin },
    { port: port1, clock, utilization: () => 0, readPast: undefined, priority: '' },
  );
  const { port } = await until('it listens', () => said.find(({ kind }) => kind === 'listening') as { port: number });
  const url = `http://127.0.0.1:${port}/`;
  const { cookie, proof } = await logIn(url, token);
  const headers = { origin: url.slice(0, -1), cookie, [PROOF_HEADER]: proof, 'content-type': 'application/json' };
  const command = { id: 'click-0001', kind: 'kill' };
  const asked = ask(url, { method: 'POST', path: '/api/command', headers, body: JSON.stringify(command) });
  await until('main is told', () => said.find(({ kind }) => kind === 'command'));
  let isAnswered = false;
  void asked.then(() => (isAnswered = true));
  await clock.advance(4_999);
  expect(isAnswered).toBe(false);
  await clock.advance(1);
  const { body } = await asked;
  port2.postMessage({ kind: 'close' });
  await until('it ends', () => said.find(({ kind }) => kind === 'closed'));
  expect(said).toContainEqual({ kind: 'command', command });
  expect(JSON.parse(body)).toEqual({
    accepted: false,
    text: expect.stringMatching(/has not answered: it may still carry this out; .*`npx plotnost flatten`/) as string,
  });
});

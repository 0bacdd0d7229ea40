// Which page is let go? One that asks too much, and one that never catches up with what it is told (S08).
import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { Clients } from '../../../src/operator/page/clients.ts';
import { Sessions } from '../../../src/operator/page/sessions.ts';
import { createVirtualClock } from '../../bybit/virtual-clock.ts';

/** A page at the other end: it answers each ping, and reads as much as it is let. */
class Page extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  end: string | undefined;
  isDead = false;
  readonly heard: string[] = [];

  ping(): void {
    if (!this.isDead) this.emit('pong');
  }
  send(text: string): void {
    this.heard.push(text);
  }
  terminate(): void {
    this.end = 'let go';
  }
  close(_code: number, reason: string): void {
    this.end = reason;
  }
}

function looking() {
  const clock = createVirtualClock();
  const sessions = new Sessions(clock);
  const clients = new Clients(clock, sessions);
  const { cookie, session: first } = sessions.open();
  const open = (session = first): Page => {
    const page = new Page();
    clients.add(page as unknown as WebSocket, undefined as unknown as Duplex, session);
    return page;
  };
  return { clock, clients, sessions, cookie, first, open };
}

test('S08: a page that lives and stays half a megabyte behind for over ten seconds is let go, one that is four behind at once', () => {
  const { clients, open } = looking();
  const turns = (count: number): void => {
    for (let i = 0; i < count; i++) clients.prune();
  };
  const [slow, late, flooded] = [open(), open(), open()];
  slow.bufferedAmount = 512 * 1_024;
  late.bufferedAmount = 512 * 1_024;
  flooded.bufferedAmount = 4 * 1_024 * 1_024 + 1;
  clients.prune();
  expect([slow.end, late.end, flooded.end]).toEqual([undefined, undefined, 'let go']);
  turns(98);
  late.bufferedAmount = 0;
  clients.prune();
  late.bufferedAmount = 512 * 1_024;
  expect(slow.end).toBeUndefined();
  clients.prune();
  expect([slow.end, late.end, clients.size, clients.dropped]).toEqual(['let go', undefined, 1, 2]);
});

test('S08: a page may leaf through twenty symbols at once, and by five a second from then on', async () => {
  const { clock, open } = looking();
  const page = open();
  const wish = (): boolean => page.emit('message', Buffer.from('{"kind":"unwatch"}'), false);
  for (let i = 0; i < 20; i++) wish();
  await clock.advance(1_000);
  for (let i = 0; i < 5; i++) wish();
  expect(page.end).toBeUndefined();
  wish();
  expect(page.end).toBe('too many messages');
});

test('S08: a page that answers no more is let go after some ten seconds, one that lives is not', async () => {
  const { clock, clients, open } = looking();
  const [alive, dead] = [open(), open()];
  dead.isDead = true;
  await clock.advance(10_100);
  expect([alive.end, dead.end, clients.size, clients.dropped]).toEqual([undefined, 'let go', 1, 1]);
  await clock.advance(60_000);
  expect([alive.end, clients.size]).toEqual([undefined, 1]);
});

test('W02: a page whose answer came while our own loop stood still is not let go', async () => {
  const { clock, open } = looking();
  const page = open();
  page.isDead = true;
  await clock.advance(5_000);
  await clock.stall(5_000);
  page.emit('pong');
  await clock.advance(100);
  expect(page.end).toBeUndefined();
});

test('W02: a page that is half a megabyte behind when our own loop stands still has its ten seconds all the same', async () => {
  const { clock, clients, open } = looking();
  const page = open();
  page.bufferedAmount = 512 * 1_024;
  clients.prune();
  await clock.stall(11_000);
  clients.prune();
  expect(page.end).toBeUndefined();
});

test('a page whose login is over is shown nothing more: at once where somebody logs out, else within five seconds', async () => {
  const { clock, clients, sessions, cookie, first, open } = looking();
  const { session: second } = sessions.open();
  const [page, other] = [open(), open(second)];
  clients.endSession(second);
  expect([page.end, other.end]).toEqual([undefined, 'logged out']);
  sessions.close(cookie);
  await clock.advance(5_000);
  expect([page.end, first.sockets]).toEqual(['logged out', 1]);
  page.emit('close');
  expect([clients.size, first.sockets]).toEqual([1, 0]);
});

test('who is behind goes without what is not needed, and who has gone hears nothing', () => {
  const { clients, open } = looking();
  const [quick, slow, gone] = [open(), open(), open()];
  slow.bufferedAmount = 512 * 1_024;
  gone.readyState = 3;
  clients.tellAll({ kind: 'a' });
  clients.tellAll({ kind: 'b' }, true);
  clients.tellAll(undefined, true);
  expect([quick.heard, slow.heard, gone.heard]).toEqual([['{"kind":"a"}', '{"kind":"b"}'], ['{"kind":"b"}'], []]);
});

test.each([
  ['text that is no wish', Buffer.from('{"kind":"kill"}'), false],
  ['bytes that spell one', Buffer.from('{"kind":"unwatch"}'), true],
])('a page that says %s is let go', (_, data, isBinary) => {
  const { clients, open } = looking();
  const page = open();
  page.emit('message', data, isBinary);
  expect([page.end, clients.dropped]).toEqual(['not a message of this protocol', 1]);
});

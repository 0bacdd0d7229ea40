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
  bufferedAmount = 0;
  end: string | undefined;

  ping(): void {
    this.emit('pong');
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
  const { session } = sessions.open();
  const open = (): Page => {
    const page = new Page();
    clients.add(page as unknown as WebSocket, undefined as unknown as Duplex, session);
    return page;
  };
  return { clock, clients, open };
}

test('S08: a page that lives and stays half a megabyte behind for over ten seconds is let go, one that is four behind at once', async () => {
  const { clock, clients, open } = looking();
  const [slow, late, flooded] = [open(), open(), open()];
  slow.bufferedAmount = 512 * 1_024;
  late.bufferedAmount = 512 * 1_024;
  flooded.bufferedAmount = 4 * 1_024 * 1_024 + 1;
  clients.prune();
  expect([slow.end, late.end, flooded.end]).toEqual([undefined, undefined, 'let go']);
  await clock.advance(9_000);
  late.bufferedAmount = 0;
  clients.prune();
  late.bufferedAmount = 512 * 1_024;
  await clock.advance(1_001);
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

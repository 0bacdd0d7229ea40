// Is every page told everything, and each thing once? By pages that come while something happens.
import { EventEmitter } from 'node:events';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { WebSocket } from 'ws';
import { createBooks } from '../../../src/book/layout.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { Board } from '../../../src/operator/board/board.ts';
import { HeatMaps } from '../../../src/operator/board/heat-maps.ts';
import { createLatencies } from '../../../src/operator/metrics/latency.ts';
import { Broadcast } from '../../../src/operator/page/broadcast.ts';
import { Clients } from '../../../src/operator/page/clients.ts';
import type { ToPage } from '../../../src/operator/page/protocol.ts';
import { Sessions } from '../../../src/operator/page/sessions.ts';
import { createLives } from '../../../src/scan/layout.ts';
import { createTape } from '../../../src/tape/layout.ts';
import { createVirtualClock } from '../../bybit/virtual-clock.ts';

class Page extends EventEmitter {
  readonly OPEN = 1;
  readonly readyState = 1;
  readonly bufferedAmount = 0;
  readonly heard: ToPage[] = [];

  send(text: string): void {
    this.heard.push(JSON.parse(text) as ToPage);
  }
  get told(): string[] {
    return this.heard.flatMap((message) => (message.kind === 'happened' ? message.log.map(({ event }) => event) : []));
  }
}

test('a page that comes within the tenth of a second in which something happened hears of it once, as those that were there do', async () => {
  const clock = createVirtualClock();
  const memory = { books: createBooks(1), tape: createTape(1), lives: createLives(1), latencies: createLatencies() };
  const board = new Board(memory, clock);
  const sessions = new Sessions(clock);
  const clients = new Clients(clock, sessions);
  const surface = () => ({ clients: 0, dropped: 0, utilization: 0 });
  const ports = { board, clients, maps: new HeatMaps(memory, clock), memory, clock, surface, control: true };
  const broadcast = new Broadcast(ports);
  const { session } = sessions.open();
  const come = (): Page => {
    const page = new Page();
    broadcast.welcome(page as unknown as WebSocket, new PassThrough(), session);
    return page;
  };
  const happen = (event: string): void =>
    board.recent.take({ kind: 'log', atMs: 1 as Ms, line: JSON.stringify({ level: 'info', event }) });
  const there = come();
  happen('position.opened');
  const late = come();
  happen('position.closed');
  await clock.advance(200);
  expect([there.told, late.told]).toEqual([
    ['position.opened', 'position.closed'],
    ['position.opened', 'position.closed'],
  ]);
  expect(late.heard[0]?.kind).toBe('hello');
});

// The operator thread put together: what main tells goes onto the board, pages look at it, their commands go to main.
import type { MessagePort } from 'node:worker_threads';
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/error-message.ts';
import { loadAssets } from './page/assets.ts';
import { Board } from './board/board.ts';
import { Clients } from './page/clients.ts';
import { HeatMaps } from './board/heat-maps.ts';
import { mapMemory } from './board/memory.ts';
import { createMetrics } from './metrics/metrics.ts';
import { keepReading, type ReadPast } from './board/past-trades.ts';
import type { FromOperator, ThreadOptions, ToOperator } from './port.ts';
import type { CommandReply, CommandRequest } from './page/protocol.ts';
import { Surface, type RequestCounts } from './page/server.ts';
import { Sessions } from './page/sessions.ts';
import { Broadcast } from './page/broadcast.ts';
import { acceptSockets } from './page/upgrade.ts';

/** Main answers at once; when it does not, the page is told so, and the command may yet be carried out. */
const ANSWER_MS_MAX = 5_000 as Ms;
const NO_ANSWER: CommandReply = {
  accepted: false,
  text: 'the engine has not answered: it may still carry this out; if it hangs, `npx plotnost flatten` or the file KILL stops it',
};

export interface ThreadHost {
  readonly port: Pick<MessagePort, 'on' | 'postMessage' | 'close'>;
  readonly clock: Clock;
  /** Part of its time that this thread works. */
  readonly utilization: () => number;
  /** Undefined: nothing is stored. */
  readonly readPast: ReadPast | undefined;
  /** What became of the wish to give way to whoever trades. */
  readonly priority: string;
}

export async function runOperatorThread(
  options: ThreadOptions,
  { port, clock, utilization, readPast, priority }: ThreadHost,
): Promise<void> {
  const say = (message: FromOperator): void => port.postMessage(message);
  const memory = mapMemory(options.arenas);
  const board = new Board(memory, clock, options.startedMs);
  const sessions = new Sessions(clock);
  const clients = new Clients(clock, sessions);
  const requests: RequestCounts = { answered: 0, refused: 0, limited: 0, failed: 0 };
  const surfaceNow = () => ({ clients: clients.size, dropped: clients.dropped, utilization: utilization() });
  const metrics = createMetrics({
    board,
    lives: memory.lives,
    latencies: memory.latencies,
    surface: () => ({ ...surfaceNow(), sessions: sessions.size, requests }),
  });
  const waiting = new Map<string, (answer: CommandReply) => void>();

  const command = (wanted: CommandRequest): Promise<CommandReply> =>
    new Promise((resolve) => {
      const limit = clock.after(ANSWER_MS_MAX, () => {
        waiting.delete(wanted.id);
        resolve(NO_ANSWER);
      });
      waiting.set(wanted.id, (answer) => {
        limit.cancel();
        waiting.delete(wanted.id);
        resolve(answer);
      });
      say({ kind: 'command', command: wanted });
    });

  /** Begun by the first digest, which tells whether the engine is ending: its database goes before the page, which shows the end. */
  let endReading: (() => void) | undefined;
  const readThePast = (read: ReadPast): (() => void) =>
    keepReading(
      read,
      clock,
      (trades) => board.recent.earlier(trades),
      (reason) => {
        if (board.isEnding) return;
        say({ kind: 'log', level: 'warn', event: 'dashboard.past_unread', fields: { reason } });
      },
    );

  const taken = new Int32Array(options.taken);
  let broadcast: Broadcast | undefined;
  let surface: Surface | undefined;
  /** On a busy machine a run may end before this thread, the last in line, has opened its page. */
  let isClosing = false;
  port.on('message', (message: ToOperator) => {
    Atomics.add(taken, 0, 1);
    switch (message.kind) {
      case 'digest':
        if (board.take(message)) broadcast?.tellStatus();
        if (readPast !== undefined) endReading ??= readThePast(readPast);
        break;
      case 'happened':
        for (const happening of message.happenings) board.recent.take(happening);
        break;
      case 'answer':
        waiting.get(message.id)?.(message.answer);
        break;
      case 'close':
        isClosing = true;
        broadcast?.close();
        endReading?.();
        clients.close();
        void Promise.resolve(surface?.app.close()).then(() => {
          say({ kind: 'closed' });
          port.close();
        });
        break;
    }
  });

  try {
    const assets = await loadAssets();
    if (isClosing) return;
    surface = new Surface({
      settings: options.surface,
      token: options.token,
      assets,
      board,
      metrics,
      sessions,
      clock,
      requests,
      command,
      onLogout: (session) => clients.endSession(session),
      tell: (event, fields) => say({ kind: 'log', level: 'info', event, fields }),
    });
    const bound = await surface.listen();
    broadcast = new Broadcast({
      board,
      clients,
      maps: new HeatMaps(memory, clock),
      memory,
      clock,
      surface: surfaceNow,
      control: options.surface.control,
    });
    const host = broadcast;
    acceptSockets({
      surface,
      sockets: () => clients.size,
      onOpen: (socket, wire, session) => host.welcome(socket, wire, session),
      onRefused: () => requests.refused++,
    });
    say({ kind: 'listening', port: bound });
    say({ kind: 'log', level: 'info', event: 'dashboard.priority', fields: { priority } });
  } catch (error) {
    if (isClosing) return;
    say({ kind: 'failed', reason: messageOf(error) });
  }
}

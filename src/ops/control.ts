// How does an operator reach the running engine? By a socket file that only its own account may open.
import { chmod, rename, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/error-message.ts';
import type { Command } from '../position/desk-event.ts';
import { passingRemedy } from '../lib/passing-fault.ts';
import { ControlError } from './control-error.ts';
import { draftOf, makePlace, type ControlPlace } from './control-place.ts';
import { ControlSession } from './control-session.ts';
import type { PositionView, StatusView } from './control-view.ts';
import type { CommandAnswer, Question } from './control-words.ts';
import type { Log } from './log.ts';

export interface ControlHandlers {
  status(): StatusView;
  positions(): readonly PositionView[];
  /** Called once for each id, at once when the command is read. */
  command(command: Command): Promise<CommandAnswer>;
}

export interface ControlPorts {
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'warn'>;
  /** Of so many commands the answer is known should they come again. */
  readonly idsKept?: number;
}

export interface Control {
  readonly path: string;
  close(): Promise<void>;
}

const SESSIONS_MAX = 32;
const IDS_KEPT = 1_000;

class ControlServer implements Control {
  readonly path: string;
  readonly #place: ControlPlace;
  readonly #handlers: ControlHandlers;
  readonly #ports: ControlPorts;
  readonly #server: Server;
  /** Oldest first. */
  readonly #sessions = new Set<ControlSession>();
  readonly #commands = new Map<string, { readonly text: string; readonly answer: Promise<CommandAnswer> }>();
  #inode = 0n;

  constructor(place: ControlPlace, handlers: ControlHandlers, ports: ControlPorts) {
    this.path = place.path;
    this.#place = place;
    this.#handlers = handlers;
    this.#ports = ports;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#makeRoom();
      const session = new ControlSession(socket, {
        clock: ports.clock,
        serve: (question, answer) => this.#serve(question, answer),
        onEnded: (reason) => ports.log.warn({ reason }, 'control.refused'),
      });
      this.#sessions.add(session);
      socket.on('close', () => this.#sessions.delete(session));
    });
  }

  /** Bound under its draft's name first: under its own it is never there with a wider mode, nor twice. */
  async open(): Promise<void> {
    const draft = draftOf(this.path);
    await rm(draft, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(draft, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    this.#server.on('error', (error) => this.#ports.log.warn({ reason: error.message }, 'control.trouble'));
    await chmod(draft, 0o600);
    this.#inode = (await stat(draft, { bigint: true })).ino;
    await rename(draft, this.path);
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const session of this.#sessions) session.end();
    await closed;
    const there = await stat(this.path, { bigint: true }).catch(() => undefined);
    if (there?.ino === this.#inode) await rm(this.path, { force: true });
    await this.#place.remove();
  }

  /** Whoever comes now may bring a kill: those who ask nothing make room. */
  #makeRoom(): void {
    if (this.#sessions.size < SESSIONS_MAX) return;
    const all = [...this.#sessions];
    const oldest = all.find(({ isIdle }) => isIdle) ?? all[0];
    if (oldest === undefined) return;
    this.#sessions.delete(oldest);
    oldest.end();
    this.#ports.log.warn({ reason: `more than ${SESSIONS_MAX} connections` }, 'control.refused');
  }

  #serve(question: Question, answer: (value: unknown) => void): void {
    switch (question.ask) {
      case 'status':
        return answer(this.#handlers.status());
      case 'positions':
        return answer(this.#handlers.positions());
      case 'command':
        void this.#command(question.command).then(answer);
    }
  }

  /** The same id again, be the first still under way or long done: its answer, and nothing else. */
  #command(command: Command): Promise<CommandAnswer> {
    const text = JSON.stringify(command);
    const before = this.#commands.get(command.id);
    if (before !== undefined) {
      const other = { accepted: false, text: `the id ${command.id} was another command's: nothing was done` };
      return before.text === text ? before.answer : Promise.resolve(other);
    }
    const { kind, id } = command;
    this.#ports.log.info({ id, kind, ...('symbol' in command ? { symbol: command.symbol } : {}) }, 'control.command');
    const answer = this.#handlers.command(command);
    this.#commands.set(id, { text, answer });
    if (this.#commands.size > (this.#ports.idsKept ?? IDS_KEPT))
      for (const oldest of this.#commands.keys()) if (this.#commands.delete(oldest)) break;
    return answer;
  }
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function cannotListen(at: string, error: unknown): ControlError {
  const reason = messageOf(error);
  const remedy = passingRemedy(error) ?? 'make the state directory writable for this account';
  return new ControlError('disk', `cannot listen at ${at} (${reason}): ${remedy}`, error);
}

/** The caller holds the lock of the directory; what a dead engine left there is replaced. */
export async function openControl(stateDir: string, handlers: ControlHandlers, ports: ControlPorts): Promise<Control> {
  const place = await makePlace(stateDir).catch((error: unknown) => {
    throw cannotListen(stateDir, error);
  });
  if (await isAnswered(place.path)) {
    throw new ControlError(
      'in-use',
      `another engine listens at ${place.path}: stop it, or give this one its own --state-dir`,
    );
  }
  const control = new ControlServer(place, handlers, ports);
  try {
    await control.open();
  } catch (error) {
    await control.close().catch(() => undefined); // the first error is the one to tell
    throw cannotListen(place.path, error);
  }
  return control;
}

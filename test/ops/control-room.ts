// An engine that answers an operator over a real socket, and clients as rude as they like.
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Clock, systemClock } from '../../src/lib/clock.ts';
import { openControl, type Control, type ControlHandlers, type ControlPorts } from '../../src/ops/control.ts';
import type { PositionView, StatusView } from '../../src/ops/control-view.ts';
import type { Command } from '../../src/position/desk-event.ts';

export const WATCHING: StatusView = {
  engine: { pid: 4711, version: 'plotnost 0.1.0', environment: 'simulator', trading: 'live', startedMs: 1_000 },
  desk: {
    mode: 'ACTIVE',
    latch: null,
    isKilled: false,
    killReason: null,
    blocks: [],
    reconciledAgoMs: 1_200,
    positions: 1,
    entries: 0,
  },
};

export const HELD: PositionView = {
  symbol: 'SOLUSDT',
  side: 'long',
  state: 'protected',
  strategy: 'bounce',
  size: '1.3',
  foreignSize: '0.0',
  entryOrder: 'filled',
  entryPrice: '78.005',
  markPrice: '78.42',
  stop: { price: '77.51', by: 'mark', isSeen: true, isBreakeven: false },
  nakedMs: null,
  unrealised: '0.5395',
  openedMs: 1_764_072_000_000,
  ageMs: 95_000,
  closing: null,
};

export class ControlRoom {
  readonly stateDir: string;
  /** In the order in which the engine was given them. */
  readonly commands: Command[] = [];
  readonly lines: string[] = [];
  readonly clock: Clock;
  /** For the next `listen`. */
  limits: Pick<ControlPorts, 'idsKept'> = {};
  status: StatusView = WATCHING;
  positions: readonly PositionView[] = [HELD];
  /** What becomes of a command; by default it is accepted at once. */
  carryOut: ControlHandlers['command'] = ({ kind }) => Promise.resolve({ accepted: true, text: `${kind} taken` });
  #control: Control | undefined;
  readonly #sockets: Socket[] = [];
  readonly #made: string;

  /** `made` is what has to go with the room: the directory itself, or one above it. */
  constructor(stateDir: string, clock: Clock, made = stateDir) {
    this.stateDir = stateDir;
    this.clock = clock;
    this.#made = made;
  }

  static async make(clock: Clock = systemClock, below = ''): Promise<ControlRoom> {
    const made = await mkdtemp(path.join(tmpdir(), 'plotnost-control-'));
    return new ControlRoom(path.join(made, below), clock, made);
  }

  static async open(clock: Clock = systemClock): Promise<ControlRoom> {
    const room = await ControlRoom.make(clock);
    await room.listen();
    return room;
  }

  async listen(): Promise<Control> {
    const write = (fields: object, event: string): void => void this.lines.push(`${event} ${JSON.stringify(fields)}`);
    this.#control = await openControl(
      this.stateDir,
      {
        status: () => this.status,
        positions: () => this.positions,
        command: (command) => {
          this.commands.push(command);
          return this.carryOut(command);
        },
      },
      { clock: this.clock, log: { info: write, warn: write }, ...this.limits },
    );
    return this.#control;
  }

  get path(): string {
    return this.#control?.path ?? path.join(this.stateDir, 'control.sock');
  }

  /** A client that says what it likes. */
  async client(): Promise<Client> {
    const socket = connect({ path: this.path, allowHalfOpen: true });
    this.#sockets.push(socket);
    await new Promise((resolve, reject) => void socket.once('connect', resolve).once('error', reject));
    return new Client(socket);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await this.#control?.close();
    await rm(this.#made, { recursive: true, force: true });
  }
}

export class Client {
  readonly socket: Socket;
  readonly #ended: Promise<void>;
  #text = '';
  #wake: () => void = () => undefined;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.#text += bytes.toString();
      this.#wake();
    });
    socket.on('error', () => undefined); // cut off: `ended` tells
    this.#ended = new Promise((resolve) => {
      socket.once('end', resolve).once('close', () => resolve());
    });
    void this.#ended.then(() => this.#wake());
  }

  say(text: string | object): void {
    this.socket.write(typeof text === 'string' ? text : `${JSON.stringify(text)}\n`);
  }

  /** The next line; undefined where the engine has hung up. */
  async next(): Promise<Record<string, unknown> | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\n');
      if (end >= 0) {
        const line = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 1);
        return JSON.parse(line) as Record<string, unknown>;
      }
      if (this.socket.readableEnded || this.socket.destroyed) return undefined;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  get ended(): Promise<void> {
    return this.#ended;
  }
}

// Where is a trading daemon put into danger? A real one, on an exchange that outlives it and tells the truth.
import { readFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { startSimulatorChild, type SimulatorChild } from '../../src/cli/simulator-child.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { askEngine } from '../../src/ops/control-client.ts';
import { ControlError } from '../../src/ops/control-error.ts';
import { isFlat, statusView, type DeskView } from '../../src/ops/control-view.ts';
import { commandAnswer } from '../../src/ops/control-words.ts';
import type { LedgerLine } from '../../src/simulator/ledger/ledger.ts';
import { startDaemon, type Daemon } from '../crash/daemon.ts';
import { Truth } from '../crash/truth.ts';
import { tempStateDir } from './daemon.ts';

const LOOK_MS = 50;

export interface LogLine {
  readonly time: string;
  readonly event: string;
  readonly level: string;
  readonly [field: string]: unknown;
}

export interface RoomOptions {
  readonly seed: number;
  readonly symbols: number;
  readonly settings?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export class SafetyRoom {
  readonly stateDir: string;
  readonly truth: Truth;
  readonly lines: LedgerLine[] = [];
  readonly uid: number;
  /** The one that runs, or ran last. */
  daemon: Daemon;
  readonly #daemons: Daemon[] = [];
  readonly #options: RoomOptions;
  readonly #exchange: SimulatorChild;
  readonly #remove: () => Promise<void>;

  private constructor(stateDir: string, exchange: SimulatorChild, options: RoomOptions, remove: () => Promise<void>) {
    const [keys] = exchange.keys;
    if (keys === undefined) throw new Error('the exchange opens with an account');
    this.stateDir = stateDir;
    this.#exchange = exchange;
    this.#options = options;
    this.#remove = remove;
    this.uid = keys.uid;
    this.truth = new Truth(keys.uid);
    this.daemon = this.start();
  }

  static async open(options: RoomOptions): Promise<SafetyRoom> {
    const dir = await tempStateDir();
    const { seed, symbols } = options;
    const exchange = await startSimulatorChild({ seed, symbols, rate: 'natural' });
    return new SafetyRoom(dir.path, exchange, options, () => dir.remove());
  }

  start(): Daemon {
    const { settings = [], env = {} } = this.#options;
    const [keys] = this.#exchange.keys;
    const places = (['rest', 'public', 'private', 'trade'] as const).map(
      (name) => `exchange.endpoints.${name}=${this.#exchange[name]}`,
    );
    this.daemon = startDaemon({
      stateDir: this.stateDir,
      env: { BYBIT_API_KEY: keys?.key ?? '', BYBIT_API_SECRET: keys?.secret ?? '', ...env },
      settings: [...places, 'dashboard.port=0', ...settings],
    });
    this.#daemons.push(this.daemon);
    return this.daemon;
  }

  get logFile(): string {
    return path.join(this.stateDir, 'logs', 'plotnost.log');
  }

  async log(): Promise<readonly LogLine[]> {
    const text = await readFile(this.logFile, 'utf8');
    return text
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogLine);
  }

  /** Undefined: nobody answers, or it does not trade. */
  async desk(): Promise<DeskView | undefined> {
    try {
      return statusView.parse(await askEngine(this.stateDir, { ask: 'status' }, systemClock)).desk ?? undefined;
    } catch (error) {
      if (error instanceof ControlError) return undefined;
      throw error;
    }
  }

  async command(kind: 'kill' | 'resume' | 'pause'): Promise<string> {
    const command = { id: randomUUID(), kind };
    const { accepted, text } = commandAnswer.parse(
      await askEngine(this.stateDir, { ask: 'command', command }, systemClock),
    );
    if (!accepted) throw new Error(`${kind} was refused: ${text}`);
    return text;
  }

  async fault(order: { readonly kind: string; readonly [field: string]: unknown }): Promise<void> {
    const answer = await fetch(`${this.#exchange.control}/fault`, { method: 'POST', body: JSON.stringify(order) });
    if (!answer.ok) throw new Error(`${JSON.stringify(order)}: ${await answer.text()}`);
  }

  /** Hears all that has happened at the exchange; how many positions of ours are open there. */
  async open(): Promise<number> {
    const answer = await fetch(`${this.#exchange.control}/ledger?from=${this.lines.length}`);
    if (!answer.ok) throw new Error(`the ledger is not to be had: ${await answer.text()}`);
    for (const text of (await answer.text()).split('\n')) {
      if (text === '') continue;
      const line = JSON.parse(text) as LedgerLine;
      this.lines.push(line);
      this.truth.hear(line);
    }
    return this.truth.positions.size;
  }

  /** Resolves once it holds; the daemon's end is the only other way out beside the test's own time limit. */
  async until(holds: () => boolean | Promise<boolean>, mayEnd = false): Promise<void> {
    while (!(await holds())) {
      const end = this.daemon.end();
      if (end !== undefined && !mayEnd)
        throw new Error(`the daemon ended with ${end.code ?? end.signal}: ${this.daemon.stderr()}`);
      await new Promise((next) => setTimeout(next, LOOK_MS));
    }
  }

  /** Active, and so many positions open, by the exchange's word and by its own. */
  async holds(positions: number): Promise<void> {
    await this.until(async () => {
      if ((await this.open()) < positions) return false;
      const desk = await this.desk();
      return desk !== undefined && desk.mode === 'ACTIVE' && desk.positions >= positions;
    });
  }

  /** Killed and flat, by its own word and by the exchange's. */
  async killedAndFlat(): Promise<void> {
    await this.until(async () => {
      const desk = await this.desk();
      return desk !== undefined && isFlat(desk) && (await this.open()) === 0;
    });
  }

  /** Wall times of our entry orders that reached the exchange from then on. */
  entriesSince(wallMs: number): readonly number[] {
    const seen = new Set<unknown>();
    return this.lines
      .filter((line) => line.kind === 'order' && line['uid'] === this.uid && String(line['linkId']).endsWith('-E'))
      .filter((line) => line.timeMs >= wallMs && !seen.has(line['id']) && seen.add(line['id']) !== undefined)
      .filter((line) => line['createdMs'] === undefined || (line['createdMs'] as number) >= wallMs)
      .map(({ timeMs }) => timeMs);
  }

  /** When the last of our positions was closed; undefined while one is open. */
  get flatAt(): number | undefined {
    if (this.truth.positions.size > 0) return undefined;
    return this.lines.findLast(({ kind, uid }) => kind === 'position' && uid === this.uid)?.timeMs;
  }

  async close(): Promise<void> {
    for (const daemon of this.#daemons) if (daemon.end() === undefined) daemon.send('SIGKILL');
    await Promise.all(this.#daemons.map((daemon) => daemon.ended));
    await this.#exchange.close();
    await Promise.all(this.#daemons.map((daemon) => daemon.leftAfter(5_000)));
    await this.#remove();
  }
}

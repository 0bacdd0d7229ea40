// What does the operator's thread get from the running engine? Its state as digests, and events as they happen.
import path from 'node:path';
import type { ClientConfig } from 'pg';
import type { Config } from '../../config/schema.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Tell } from '../../engine/happenings.ts';
import type { Ms } from '../../lib/brand.ts';
import { systemClock, type Timer } from '../../lib/clock.ts';
import { createRng } from '../../lib/rng.ts';
import { deskDigest } from '../../operator/board/digest-desk.ts';
import { SymbolsDigest } from '../../operator/board/digest-symbols.ts';
import type { Latencies } from '../../operator/metrics/latency.ts';
import { LoopWatch } from '../../operator/metrics/loop-watch.ts';
import { startOperator, type Operator } from '../../operator/operator.ts';
import type { DeskDigest, Digest, Happening } from '../../operator/port.ts';
import type { CommandReply, CommandRequest } from '../../operator/page/protocol.ts';
import type { SessionView } from '../../operator/page/protocol-status.ts';
import type { Log } from '../../ops/log.ts';
import type { MemoryWatch } from '../../ops/memory-watch.ts';
import { hiding } from '../../ops/secrets.ts';
import { limitsOf } from '../../risk/limits.ts';
import type { Command } from '../../position/desk-event.ts';
import type { StoreStats } from '../../store/write/client.ts';
import { refusedByDisk } from './process.ts';

const DIGEST_MS = 250 as Ms;
/** How often the symbols that are too small to trade are computed; prices move little meanwhile. */
const SIZES_MS = 10_000 as Ms;
/** An event is followed by a digest after this time, so that several share one. */
const SOON_MS = 20 as Ms;
/** Most events kept until the thread has started. */
const EARLY_MAX = 300;
/** The number alone. */
const VERSION = /\d+\.\d+\.\S+/;

export interface OperatedRun {
  /** As it is in force. */
  readonly config: () => Config;
  readonly stateDir: string;
  readonly session: SessionView;
  readonly engine: Engine;
  readonly command: (command: Command) => Promise<CommandReply>;
  readonly latencies: Latencies;
  readonly memory: Pick<MemoryWatch, 'taken' | 'limits'>;
  readonly stats: () => StoreStats | undefined;
  /** Undefined where nothing is stored. */
  readonly connection: ClientConfig | undefined;
  /** As in the table `trades`. */
  readonly account: string;
  readonly secrets: readonly string[];
  readonly log: Log;
  /** Called with the page's address and token, or with why there is none: for a terminal only. */
  readonly announce: (text: string) => void;
}

export class OperatorSurface {
  readonly #early: Happening[] = [];
  #operator: Operator | undefined;
  #loop: LoopWatch | undefined;
  #makeDigest: (() => Digest) | undefined;
  #telling: Timer | undefined;
  #soon: Timer | undefined;
  #sizing: Timer | undefined;
  #isEnding = false;

  readonly tell: Tell = (happening) => {
    if (this.#operator === undefined) {
      if (this.#early.length < EARLY_MAX) this.#early.push(happening);
      return;
    }
    this.#operator.happened([happening]);
    if (happening.kind !== 'analysis' && happening.kind !== 'log') this.#tellSoon();
  };

  readonly line = (line: string): void => this.tell({ kind: 'log', atMs: systemClock.wall(), line });

  open(run: OperatedRun): void {
    const { engine, latencies, config, stateDir, secrets, log, connection, account, announce } = run;
    const { books, tape, lives } = engine.memory;
    const { dashboard } = config();
    const loop = new LoopWatch();
    const symbols = new SymbolsDigest((slot) => engine.instrument(slot));
    this.#loop = loop;
    const { session } = run;
    const shown = { ...run, session: { ...session, version: VERSION.exec(session.version)?.[0] ?? session.version } };
    let tooSmall: readonly string[] = [];
    this.#sizing = systemClock.every(SIZES_MS, () => {
      tooSmall = [...(engine.trading?.check(engine.feed.symbols(), undefined).tooSmall.keys() ?? [])];
    });
    this.#makeDigest = () => digestOf(shown, loop, symbols, tooSmall, this.#isEnding);
    const operator = startOrRefuse(path.resolve(stateDir, dashboard.tokenFile), (tokenFile) =>
      startOperator(
        {
          slots: books.slots,
          books: books.buffer,
          tape: tape.buffer,
          lives: lives.buffer,
          latencies: latencies.buffer,
        },
        { ...dashboard, tokenFile },
        {
          clock: systemClock,
          rng: createRng(process.pid).fork('operator'),
          log,
          hide: hiding(secrets),
          past: connection === undefined ? undefined : { connection, account },
          announce,
          onCommand: (request) => run.command(commandOf(request)),
        },
      ),
    );
    this.#operator = operator;
    operator.happened(this.#early.splice(0));
    this.#telling = systemClock.every(DIGEST_MS, () => this.#digest());
    this.#digest();
  }

  /** Before the shutdown begins: from now on the engine is not ready. */
  ending(): void {
    this.#isEnding = true;
    if (this.#operator !== undefined) this.#digest();
  }

  async close(): Promise<void> {
    this.#telling?.cancel();
    this.#soon?.cancel();
    this.#sizing?.cancel();
    this.#loop?.close();
    const operator = this.#operator;
    this.#operator = undefined;
    await operator?.close();
  }

  #tellSoon(): void {
    this.#soon ??= systemClock.after(SOON_MS, () => {
      this.#soon = undefined;
      this.#digest();
    });
  }

  #digest(): void {
    if (this.#makeDigest !== undefined) this.#operator?.digest(this.#makeDigest());
  }
}

function digestOf(
  run: OperatedRun,
  loop: LoopWatch,
  symbols: SymbolsDigest,
  tooSmall: readonly string[],
  isEnding: boolean,
): Digest {
  const { engine, session, log } = run;
  const status = engine.status();
  const { books, frames, gaps, fallbacks, analysis, densities, standing, candidates, signals, refused } = status;
  const feed = engine.feed.status();
  const { symbols: listened, sockets, reconnects, resyncs, dropped, unreadable, leftOut, clockOffsetMs } = feed;
  const stats = run.stats();
  return {
    atMs: systemClock.wall(),
    session,
    symbols: symbols.of(listened),
    feed: {
      sockets: sockets.map(({ name, state, symbols: of, frames: heard, reconnects: own }) => ({
        name,
        state,
        symbols: of,
        frames: heard,
        reconnects: own,
      })),
      reconnects,
      frames,
      gaps,
      resyncs,
      fallbacks,
      dropped,
      unreadable,
      leftOut,
      late: books.late,
      clockOffsetMs,
    },
    analysis: { ...analysis, densities, standing, candidates, signals, refused },
    store: stats,
    desk: deskOf(run, tooSmall),
    loop: loop.look(),
    memoryBytes: run.memory.taken.process,
    memoryLimitBytes: run.memory.limits.process,
    warnings: log.counts(),
    isEnding,
  };
}

function deskOf({ engine, config }: OperatedRun, tooSmall: readonly string[]): DeskDigest | undefined {
  const { trading } = engine;
  if (trading === undefined) return undefined;
  const now = { mono: systemClock.monotonic(), wall: systemClock.wall() };
  return deskDigest(
    trading.trader.status(),
    trading.trader.account(),
    { ...limitsOf({ ...config().trading, ...config().safety }), tooSmall },
    now,
  );
}

function commandOf({ id, kind, symbol }: CommandRequest): Command {
  return kind === 'close' ? { id, kind, symbol: symbol ?? '' } : { id, kind };
}

function startOrRefuse(tokenFile: string, start: (tokenFile: string) => Operator): Operator {
  try {
    return start(tokenFile);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    const what = `dashboard.token_file: ${tokenFile} cannot be written`;
    throw refusedByDisk(what, error, 'name another, or set dashboard.enabled to false');
  }
}

// Is everything well again each time that the daemon was killed? One state directory, one exchange, one kill after the other.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemClock } from '../../src/lib/clock.ts';
import type { Rng } from '../../src/lib/rng.ts';
import { askEngine } from '../../src/ops/control-client.ts';
import { ControlError } from '../../src/ops/control-error.ts';
import { DIE_AT, startDaemon, type Daemon, type End, type Written } from './daemon.ts';
import { differences, hashOf, readRecords } from './journal.ts';
import { POINTS, type PointName } from './point.ts';
import type { Venue } from './venue.ts';

export interface Kill {
  readonly point: PointName;
  /** The exchange held a position or an entry of ours at that moment. */
  readonly counts: boolean;
  readonly open: number;
  readonly entries: number;
  /** What happened while nobody looked. */
  readonly meanwhile: string;
  readonly acknowledged: Written;
  readonly left: readonly string[];
}

export interface Judgement {
  /** From the start of the process until every position had its stop at the exchange, and the engine held what it holds. */
  readonly wellMs: number;
  /** Naked at the start. */
  readonly naked: number;
  /** What it said that it rebuilt was held against its journal. */
  readonly isRebuilt: boolean;
}

export interface CampaignOptions {
  readonly stateDir: string;
  readonly venue: Venue;
  readonly rng: Rng;
  /** Until when a start must have everything protected and known. */
  readonly withinMs: number;
  /** The next point, where something is open or nothing is. */
  readonly choose: (isBusy: boolean) => PointName;
  readonly onKill: (kill: Kill) => void;
  readonly onJudged: (judgement: Judgement) => void;
  readonly onFault: (fault: string) => void;
}

const HIT_MS = 30_000;
const OPEN_MS = 60_000;
const END_MS = 40_000;
const GONE_MS = 2_000;
const LATE_MS = 1_000;
/** The line of an order sets out for the log in the turn in which it leaves; a busy machine tells late that a process is dead. */
const TOLD_MS = 2_000;
const TRADES: ReadonlySet<unknown> = new Set(['ACTIVE', 'REDUCE_ONLY', 'HALTED']);

const pause = (ms: number): Promise<void> => new Promise((next) => setTimeout(next, ms));

/** Undefined: it has not ended by then. */
function endWithin({ ended }: Daemon, ms: number): Promise<End | undefined> {
  return new Promise((resolve) => {
    const late = setTimeout(() => resolve(undefined), ms);
    void ended.then((end) => {
      clearTimeout(late);
      resolve(end);
    });
  });
}

interface LogLine {
  readonly event: string;
  readonly hash?: string;
  readonly linkId?: string;
}
interface StatusWord {
  readonly desk: { readonly mode: string } | null;
}
interface PositionWord {
  readonly symbol: string;
  readonly side: 'long' | 'short' | null;
  readonly size: string;
}

export class Campaign {
  readonly #options: CampaignOptions;
  #daemon: Daemon | undefined;
  #expected: string | undefined;
  #logged = 0;

  constructor(options: CampaignOptions) {
    this.#options = options;
  }

  /** One life, from its start to its kill. */
  async kill(): Promise<void> {
    const { venue, rng, choose, onFault } = this.#options;
    const { positions } = await venue.catchUp();
    const point = choose(positions.size > 0);
    const daemon = this.#start(point, 1 + rng.below(POINTS[point].timesMax ?? 1));
    let reached = point;
    try {
      if (!(await this.#bringAbout(daemon, point))) reached = 'random';
    } finally {
      daemon.send('SIGKILL');
    }
    const { signal, code, wallMs } = await daemon.ended;
    // It may have been quicker to end than we were to kill it.
    const isQuick = code === 0 && POINTS[point].push === 'end';
    if (signal !== 'SIGKILL' && !isQuick)
      onFault(`${point}: the daemon ended by itself with ${code ?? signal}: ${daemon.stderr().slice(-2_000)}`);
    await this.#settle(daemon, reached, wallMs, signal === 'SIGKILL');
  }

  /** The last life: everything is closed by an operator's word, and it ends as it should. Answers what was acknowledged. */
  async finish(): Promise<Written> {
    const { stateDir, venue, onFault } = this.#options;
    const daemon = this.#start(undefined, 1);
    try {
      await this.#judge(daemon);
      if (daemon.end() === undefined)
        await askEngine(stateDir, { ask: 'command', command: { id: randomUUID(), kind: 'kill' } }, systemClock);
      const until = performance.now() + END_MS;
      while (daemon.end() === undefined && performance.now() < until && (await venue.catchUp()).positions.size > 0)
        await pause(100);
      daemon.send('SIGTERM');
      const end = await endWithin(daemon, END_MS);
      if (end?.code !== 0)
        onFault(`the last life ended with ${end?.code ?? end?.signal ?? 'nothing'}: ${daemon.stderr().slice(-2_000)}`);
    } finally {
      daemon.send('SIGKILL');
    }
    await daemon.ended;
    await venue.catchUp();
    const { truth } = venue;
    for (const [symbol, size] of truth.positions)
      onFault(`orphan: ${size} ${symbol} stand after everything was closed`);
    if (truth.orphans > 0) onFault(`orphan: ${truth.orphans} orders rest after everything was closed`);
    for (const name of differences((await readRecords(stateDir)) ?? [], 'plain'))
      onFault(`journal, plainly read: ${name}`);
    return daemon.acknowledged();
  }

  #start(point: PointName | undefined, nth: number): Daemon {
    const { stateDir, venue } = this.#options;
    const env = { BYBIT_API_KEY: venue.key, BYBIT_API_SECRET: venue.secret };
    const settings = venue.settings;
    const isHook = point !== undefined && POINTS[point].by === 'hook';
    this.#daemon = startDaemon({
      stateDir,
      env,
      settings,
      ...(isHook ? { preload: DIE_AT, dieAt: `${point}:${nth}` } : {}),
    });
    return this.#daemon;
  }

  /** Whoever runs this has gone: the daemon is not left behind. */
  abandon(): void {
    this.#daemon?.send('SIGKILL');
  }

  /** False: the line was never come to, and where it is killed instead is a moment like any other. */
  async #bringAbout(daemon: Daemon, name: PointName): Promise<boolean> {
    const { rng, withinMs } = this.#options;
    const point = POINTS[name];
    const deadWithin = async (ms: number): Promise<boolean> => {
      const end = await endWithin(daemon, ms);
      return point.by === 'timer' || end !== undefined;
    };
    if (name === 'starting') return deadWithin(50 + rng.below(2_500));
    if (point.isEarly === true) return deadWithin(withinMs);
    await this.#judge(daemon);
    await this.#untilOpen(daemon);
    if (daemon.end() !== undefined) return true;
    if (point.by === 'hook') daemon.send('SIGWINCH');
    if (point.push === 'end') daemon.send('SIGTERM');
    if (point.by === 'timer') return deadWithin(rng.below(name === 'random' ? 6_000 : 1_200));
    const until = performance.now() + HIT_MS;
    do await this.#push(point.push);
    while (!(await deadWithin(1_000)) && performance.now() < until);
    return daemon.end() !== undefined;
  }

  /** It trades again, and something is open. */
  async #untilOpen(daemon: Daemon): Promise<void> {
    const until = performance.now() + OPEN_MS;
    while (daemon.end() === undefined && performance.now() < until) {
      const { positions, entries } = await this.#options.venue.catchUp();
      const mode = await this.#mode();
      if (positions.size + entries > 0 && TRADES.has(mode)) return;
      // Nothing here halts it: one that is would live on in vain, and each life after it.
      if (mode === 'HALTED') throw new Error(`the daemon in ${this.#options.stateDir} is halted`);
      await pause(100);
    }
  }

  async #push(what: 'strip-stop' | 'raise-price' | 'end' | undefined): Promise<void> {
    const { venue, rng } = this.#options;
    if (what !== 'strip-stop' && what !== 'raise-price') return;
    const { positions } = await venue.catchUp();
    const [symbol, size] = [...positions][rng.below(Math.max(1, positions.size))] ?? [];
    if (symbol === undefined) return;
    if (what === 'strip-stop') await venue.act({ kind: 'stop-stripped', symbol });
    else await venue.act({ kind: 'push-price', symbol, percent: size?.startsWith('-') === true ? -0.4 : 0.4 });
  }

  /** Within the time: every position protected by the exchange's word, and the engine's positions are the exchange's. */
  async #judge(daemon: Daemon): Promise<void> {
    const { venue, withinMs, onFault, onJudged } = this.#options;
    const naked = venue.truth.nakedNow.length;
    const until = daemon.startedMs + withinMs;
    for (;;) {
      if (daemon.end() !== undefined) return;
      const odd = await this.#oddities();
      if (odd === undefined) break;
      if (Date.now() > until) {
        onFault(`not well within ${withinMs} ms of the start: ${odd}`);
        break;
      }
      await pause(50);
    }
    const wellMs = Date.now() - daemon.startedMs;
    onJudged({ wellMs, naked, isRebuilt: await this.#compareHash(daemon) });
  }

  /** Undefined: none. What a doubtful entry keeps from trading again is well all the same. */
  async #oddities(): Promise<string | undefined> {
    const { stateDir, venue } = this.#options;
    try {
      const { positions: before } = await venue.catchUp();
      const held = (await askEngine(stateDir, { ask: 'positions' }, systemClock)) as readonly PositionWord[];
      await venue.catchUp();
      const { nakedNow, positions } = venue.truth;
      if (nakedNow.length > 0) return `no stop: ${nakedNow.join(' ')}`;
      const ours = textOf(held.map(({ symbol, side, size }) => [symbol, side === 'short' ? `-${size}` : size]));
      const known = [textOf(before), textOf(positions)];
      return known.includes(ours) ? undefined : `the engine has ${ours}, the exchange ${known[1]}`;
    } catch (error) {
      if (error instanceof ControlError) return error.message;
      throw error;
    }
  }

  /** Entries are possible again. */
  /** Undefined while nobody answers. */
  async #mode(): Promise<string | undefined> {
    try {
      const { desk } = (await askEngine(this.#options.stateDir, { ask: 'status' }, systemClock)) as StatusWord;
      return desk?.mode;
    } catch (error) {
      if (error instanceof ControlError) return undefined;
      throw error;
    }
  }

  async #compareHash(daemon: Daemon): Promise<boolean> {
    const lines = await this.#logLines();
    const told = lines.findLast(({ event }) => event === 'journal.replayed');
    if (this.#expected === undefined || told === undefined || daemon.end() !== undefined) return false;
    if (told.hash !== this.#expected)
      this.#options.onFault(`journal: the daemon rebuilt ${told.hash}, its journal says ${this.#expected}`);
    return true;
  }

  async #settle(daemon: Daemon, point: PointName, wallMs: number, isKilled: boolean): Promise<void> {
    const { stateDir, venue, rng, onKill, onFault } = this.#options;
    const { positions, entries } = await venue.catchUp(wallMs);
    const left = await daemon.leftAfter(GONE_MS);
    if (entries === 0 && positions.size === 0) await pause(LATE_MS);
    await venue.catchUp();
    const late = venue.truth.hasEntrySince(wallMs - 1) ? 1 : 0;
    const records = await readRecords(stateDir);
    this.#expected = records === undefined ? undefined : hashOf(records);
    for (const name of differences(records ?? [], 'quick')) onFault(`journal after ${point}: ${name}`);
    const told = new Set((await this.#logLines()).map(({ linkId }) => linkId));
    const entered = venue.truth.entriesBetween(daemon.startedMs, wallMs - TOLD_MS);
    for (const linkId of entered) if (!told.has(linkId)) onFault(`log after ${point}: ${linkId} is not in it`);
    this.#logged = (await this.#log()).length;
    let meanwhile = '';
    const [symbol] = [...positions.keys()];
    if (symbol !== undefined) {
      const chance = rng.below(10);
      const act =
        chance < 4
          ? { kind: 'stop-stripped', symbol }
          : chance < 5
            ? { kind: 'human-close', symbol }
            : chance < 7
              ? { kind: 'push-price', symbol, percent: rng.below(2) === 0 ? 0.8 : -0.8 }
              : undefined;
      if (act !== undefined && (await venue.act(act))) meanwhile = act.kind;
    }
    onKill({
      point,
      counts: isKilled && positions.size + entries + late > 0,
      open: positions.size,
      entries: entries + late,
      meanwhile,
      acknowledged: daemon.acknowledged(),
      left,
    });
  }

  async #log(): Promise<string> {
    return readFile(path.join(this.#options.stateDir, 'logs', 'plotnost.log'), 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    });
  }

  /** Of the life that is looked at. */
  async #logLines(): Promise<readonly LogLine[]> {
    const text = (await this.#log()).slice(this.#logged);
    return text
      .split('\n')
      .filter((line) => line.endsWith('}'))
      .map((line) => JSON.parse(line) as LogLine);
  }
}

/** Sizes as numbers: the engine and the exchange print them each in its way. */
function textOf(held: Iterable<readonly [string, string]>): string {
  const open = [...held].filter(([, size]) => Number(size) !== 0);
  const words = open.map(([symbol, size]) => `${symbol} ${Number(size)}`).toSorted();
  return words.length === 0 ? 'nothing' : words.join(', ');
}

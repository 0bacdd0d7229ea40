// How does main show itself without working for it? It hands over what it knows; a thread of its own serves whoever asks.
import { Worker } from 'node:worker_threads';
import { backoffMs } from '../lib/backoff.ts';
import type { Ms } from '../lib/brand.ts';
import type { Clock, Timer } from '../lib/clock.ts';
import { isDiskFull } from '../lib/disk-full.ts';
import { messageOf } from '../lib/error-message.ts';
import type { Log } from '../lib/log.ts';
import type { Rng } from '../lib/rng.ts';
import { underWay } from '../lib/under-way.ts';
import type {
  Digest,
  FromOperator,
  Happening,
  OperatorArenas,
  PastSource,
  SurfaceSettings,
  ThreadOptions,
  ToOperator,
  WatchedSymbol,
} from './port.ts';
import { nameOf } from './page/guard.ts';
import type { CommandReply, CommandRequest } from './page/protocol.ts';
import { createSecret, writeToken } from './page/token.ts';

export interface OperatorPorts {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly log: Log;
  /** Takes secrets out of a text: what the exchange says of an order may repeat a key. */
  readonly hide: (text: string) => string;
  /** Where trades of former runs are read; left out where nothing is stored. */
  readonly past?: PastSource | undefined;
  /** Where the page is served, with its token, or why it is not: for whoever sits at the terminal. */
  readonly announce?: (text: string) => void;
  /** Each id once, and answered at once. */
  readonly onCommand: (command: CommandRequest) => CommandReply | Promise<CommandReply>;
}

export interface Operator {
  /** Resolves when the page is served: where, with the token behind the `#`. For the terminal only, never for the log. */
  readonly ready: Promise<string>;
  /** At most four times a second, and at once when mode, blocks or positions change. */
  digest(digest: Digest): void;
  /** Collected for a moment, then told together. Returns at once; what a thread that has fallen behind misses is counted. */
  happened(happenings: readonly Happening[]): void;
  /** Messages that a thread that had fallen behind was not told. */
  readonly missed: number;
  close(): Promise<void>;
}

const PROGRAM = new URL('../../workers/operator.ts', import.meta.url);
const GATHER_MS = 50 as Ms;
const GATHERED_MAX = 2_000;
/** A thread this far behind is told nothing until it has caught up: its queue is our memory. */
const BEHIND_MAX = 64;
const CLOSE_MS_MAX = 2_000 as Ms;
const HEAP_MB_MAX = 512;
const TOKEN_RETRY = 5_000 as Ms;
const REMEDY = 'it is tried again; give another dashboard.port, 0 for any free one, or set dashboard.enabled to false';

class OperatorThread implements Operator {
  readonly ready: Promise<string>;
  missed = 0;
  readonly #arenas: OperatorArenas;
  readonly #settings: SurfaceSettings;
  readonly #ports: OperatorPorts;
  readonly #startedMs: number;
  readonly #token = createSecret();
  #isReady: (url: string) => void = () => undefined;
  #worker: Worker | undefined;
  #taken = new Int32Array(new SharedArrayBuffer(4));
  #sent = 0;
  #symbols: readonly WatchedSymbol[] | undefined;
  #gathered: Happening[] = [];
  #gathering: Timer | undefined;
  #restarting: Timer | undefined;
  #tokenWait: Timer | undefined;
  #losses = 0;
  #isClosing = false;
  #closed: () => void = () => undefined;

  constructor(arenas: OperatorArenas, settings: SurfaceSettings, ports: OperatorPorts) {
    this.#arenas = arenas;
    this.#settings = settings;
    this.#ports = ports;
    this.#startedMs = ports.clock.wall();
    this.ready = new Promise((resolve) => {
      this.#isReady = resolve;
    });
    try {
      writeToken(settings.tokenFile, this.#token);
    } catch (error) {
      // Nobody can look on yet; that keeps nobody from looking after what is open.
      if (!isDiskFull(error)) throw error;
      ports.log.warn({ file: settings.tokenFile, reason: (error as Error).message }, 'dashboard.token_late');
      this.#writeTokenLater();
    }
    this.#start();
  }

  #writeTokenLater(): void {
    this.#tokenWait = this.#ports.clock.after(TOKEN_RETRY, () => {
      try {
        writeToken(this.#settings.tokenFile, this.#token);
      } catch {
        this.#writeTokenLater();
      }
    });
  }

  digest(digest: Digest): void {
    const { symbols, ...rest } = digest;
    const isNew = symbols !== this.#symbols;
    if (this.#post({ kind: 'digest', digest: rest, ...(isNew ? { symbols } : {}) })) this.#symbols = symbols;
  }

  happened(happenings: readonly Happening[]): void {
    for (const happening of happenings) {
      if (this.#gathered.length < GATHERED_MAX) this.#gathered.push(withoutSecrets(happening, this.#ports.hide));
      else this.missed++;
    }
    this.#gathering ??= this.#ports.clock.after(GATHER_MS, () => this.#flush());
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#restarting?.cancel();
    this.#tokenWait?.cancel();
    this.#flush();
    const worker = this.#worker;
    if (worker === undefined) return;
    const done = new Promise<void>((resolve) => {
      this.#closed = resolve;
    });
    const limit = this.#ports.clock.after(CLOSE_MS_MAX, () => this.#closed());
    worker.postMessage({ kind: 'close' } satisfies ToOperator);
    await done;
    limit.cancel();
    this.#worker = undefined;
    await worker.terminate();
  }

  #flush(): void {
    this.#gathering?.cancel();
    this.#gathering = undefined;
    if (this.#gathered.length === 0) return;
    const happenings = this.#gathered;
    this.#gathered = [];
    this.#post({ kind: 'happened', happenings });
  }

  #post(message: ToOperator): boolean {
    if (this.#worker === undefined || underWay(this.#sent, this.#taken) > BEHIND_MAX) {
      this.missed++;
      return false;
    }
    this.#sent++;
    this.#worker.postMessage(message);
    return true;
  }

  #start(): void {
    this.#taken = new Int32Array(new SharedArrayBuffer(4));
    this.#sent = 0;
    this.#symbols = undefined;
    const workerData: ThreadOptions = {
      arenas: this.#arenas,
      surface: this.#settings,
      token: this.#token,
      past: this.#ports.past,
      startedMs: this.#startedMs,
      taken: this.#taken.buffer,
      timeOrigin: performance.timeOrigin,
    };
    const resourceLimits = { maxOldGenerationSizeMb: HEAP_MB_MAX };
    const worker = new Worker(PROGRAM, { workerData, name: 'operator', resourceLimits });
    this.#worker = worker;
    worker.on('message', (message: FromOperator) => this.#receive(worker, message));
    worker.on('error', (error) => {
      this.#lose(worker, 'dashboard.lost', { reason: messageOf(error) });
    });
    worker.on('exit', (code) => this.#lose(worker, 'dashboard.lost', { reason: `exit code ${code}` }));
  }

  #receive(worker: Worker, message: FromOperator): void {
    const { log } = this.#ports;
    switch (message.kind) {
      case 'listening': {
        const url = `http://${nameOf(this.#settings.host)}:${message.port}/`;
        this.#losses = 0;
        log.info({ url, control: this.#settings.control }, 'dashboard.listening');
        this.#isReady(`${url}#token=${this.#token}`);
        this.#ports.announce?.(`${url}#token=${this.#token}`);
        return;
      }
      case 'failed':
        // The address is taken, say: perhaps by a former engine that is just ending. Another port would be one that nobody knows.
        this.#lose(worker, 'dashboard.unavailable', { reason: message.reason, remedy: REMEDY });
        void worker.terminate();
        return;
      case 'command':
        void this.#answer(message.command);
        return;
      case 'log':
        log[message.level](message.fields, message.event);
        return;
      case 'closed':
        this.#closed();
        return;
    }
  }

  async #answer(command: CommandRequest): Promise<void> {
    const answer = await this.#ports.onCommand(command);
    this.#sent++;
    this.#worker?.postMessage({ kind: 'answer', id: command.id, answer } satisfies ToOperator);
  }

  /** Nothing that this thread does may end the engine; it is started again, ever more slowly. */
  #lose(worker: Worker, event: string, why: { readonly reason: string; readonly remedy?: string }): void {
    if (worker !== this.#worker) return;
    this.#worker = undefined;
    this.#closed();
    if (this.#isClosing) return;
    this.#losses++;
    // Said when it begins; that it is over says `dashboard.listening`.
    if (this.#losses === 1) {
      this.#ports.log.warn(why, event);
      this.#ports.announce?.(`not served, and tried again: ${why.reason}`);
    }
    this.#restarting = this.#ports.clock.after(backoffMs(this.#losses, this.#ports.rng), () => this.#start());
  }
}

/** Lines of the log have been through this already; numbers and names of ours need it not. */
function withoutSecrets(happening: Happening, hide: (text: string) => string): Happening {
  if (happening.kind === 'verdict') return { ...happening, detail: hide(happening.detail) };
  if (happening.kind !== 'told') return happening;
  const fields = Object.entries(happening.fields).map(([name, value]) => [
    name,
    typeof value === 'string' ? hide(value) : value,
  ]);
  return { ...happening, fields: Object.fromEntries(fields) as typeof happening.fields };
}

/** Throws where the token cannot be written: that is bad configuration. */
export function startOperator(arenas: OperatorArenas, settings: SurfaceSettings, ports: OperatorPorts): Operator {
  return new OperatorThread(arenas, settings, ports);
}

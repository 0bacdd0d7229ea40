// Where are secrets of ours used and everything that is written heard? The real program, an exchange, a PostgreSQL and a web hook.
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Simulator } from '../../src/simulator/server.ts';
import { DEFAULT_ACCOUNTS } from '../../src/simulator/venue/client.ts';
import { EAGER } from '../crash/daemon.ts';
import { openExchange, post } from '../simulator/exchange-room.ts';
import { ENGINE, startNetworkServer, type NetworkServer } from '../store/chaos/network-server.ts';
import type { TestServer } from '../store/servers.ts';
import { MAIN } from '../program.ts';
import { Collector, type Canary } from './canary.ts';

const UID = 777_000_001;
const SYMBOLS = 14;

/** Odd ones, of which each form that a text can give them is another. */
const KEY = 'Kq7+cAnaRy/kEy"1\\Zx=9vWm&Lt';
const SECRET = 'Sj4/sIngIng+yeLLow"b1rD\\8=q&Pz';
const PASSWORD = 'Pw9 caGed@"fInch\\%41:7/z+R&u=e';
const HOOK = '/hooks/T0canary-Fly4wayNow-x82Lq';

export const CANARIES: readonly Canary[] = [
  { name: 'key', value: KEY },
  { name: 'secret', value: SECRET },
  { name: 'password', value: PASSWORD },
  { name: 'web hook', value: HOOK },
  { name: 'key that nobody knows', value: 'Uv3+uNknOwn/kEy"5\\Qn=2bTc&Hg' },
  { name: 'secret that does not fit', value: 'Wr0/oNg+seCret"m4gPie\\6=d&Xk' },
  { name: 'password that is wrong', value: 'No1 mOck@"ingBird\\%42:3/y+F&o=a' },
];

const [, , , , unknownKey, wrongSecret, wrongPassword] = CANARIES.map(({ value }) => value) as [
  string,
  string,
  string,
  string,
  string,
  string,
  string,
];
export const WRONG = {
  key: { BYBIT_API_KEY: unknownKey },
  secret: { BYBIT_API_SECRET: wrongSecret },
  password: { DB_PASSWORD: wrongPassword },
} as const;

export interface Spoken {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Speaking {
  readonly child: ChildProcess;
  readonly ended: Promise<Spoken>;
  readonly stderr: () => string;
  readonly isOver: () => boolean;
}

export interface Start {
  /** Its own state directory by name. */
  readonly state?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly preload?: URL;
}

export class CanaryRoom {
  readonly collector = new Collector(CANARIES);
  readonly exchange: Simulator;
  readonly server: NetworkServer;
  readonly dir: string;
  readonly #close: () => Promise<void>;
  readonly #children = new Set<ChildProcess>();
  #alerts = 0;

  private constructor(dir: string, exchange: Simulator, server: NetworkServer, close: () => Promise<void>) {
    this.dir = dir;
    this.exchange = exchange;
    this.server = server;
    this.#close = close;
  }

  static async open(server: TestServer): Promise<CanaryRoom> {
    const [account] = DEFAULT_ACCOUNTS;
    const [terms] = account?.keys ?? [];
    if (account === undefined || terms === undefined) throw new Error('the exchange opens with an account');
    const keys = [{ ...terms, key: KEY, secret: SECRET }];
    const [dir, exchange, network] = await Promise.all([
      mkdtemp(path.join(tmpdir(), 'plotnost-canary-')),
      openExchange({ symbols: SYMBOLS, seed: 5, accounts: [{ ...account, uid: UID, keys }] }),
      startNetworkServer(server),
    ]);
    await network.sql(`ALTER ROLE ${ENGINE} PASSWORD '${PASSWORD.replaceAll("'", "''")}'`);
    const hook = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        room.#alerts++;
        room.collector.look('alerts', Buffer.concat(chunks));
        response.writeHead(room.#alerts % 4 === 0 ? 500 : 200).end();
      });
    });
    await new Promise<void>((resolve) => void hook.listen(0, '127.0.0.1', resolve));
    const room = new CanaryRoom(dir, exchange, network, async () => {
      hook.closeAllConnections();
      await new Promise((resolve) => hook.close(resolve));
    });
    const { port } = hook.address() as AddressInfo;
    const lines = {
      BYBIT_API_KEY: KEY,
      BYBIT_API_SECRET: SECRET,
      DB_USER: ENGINE,
      DB_PASSWORD: PASSWORD,
      ALERTS_WEBHOOK_URL: `http://127.0.0.1:${port}${HOOK}`,
    };
    const text = Object.entries(lines).map(([name, value]) => `${name}='${value}'\n`);
    await writeFile(path.join(dir, '.env'), text.join(''), { mode: 0o600 });
    return room;
  }

  get alerts(): number {
    return this.#alerts;
  }

  stateDir(state = 'state'): string {
    return path.join(this.dir, state);
  }

  get #settings(): readonly string[] {
    const { restUrl, publicUrl, privateUrl, tradeUrl } = this.exchange;
    return [
      ...EAGER,
      `exchange.endpoints.rest=${restUrl}`,
      `exchange.endpoints.public=${publicUrl}`,
      `exchange.endpoints.private=${privateUrl}`,
      `exchange.endpoints.trade=${tradeUrl}`,
      'database.mode=external',
      'database.host=127.0.0.1',
      `database.port=${this.server.port}`,
      'dashboard.port=0',
      'dashboard.control=true',
      'logging.level=debug',
      'alerts.heartbeat_interval=1',
    ];
  }

  /** The program as somebody starts it who keeps his secrets in `.env`; every word of it is looked at when it has ended. */
  start(args: readonly string[], { state = 'state', env = {}, preload }: Start = {}): Speaking {
    const sets = this.#settings.flatMap((setting) => ['--set', setting]);
    const hooks = preload === undefined ? [] : ['--import', preload.href];
    const child = spawn(
      process.execPath,
      ['--no-warnings', ...hooks, MAIN, ...args, '--state-dir', this.stateDir(state), ...sets],
      { cwd: this.dir, env: { PATH: process.env['PATH'], HOME: this.dir, ...env }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#children.add(child);
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
    child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
    let isOver = false;
    const ended = new Promise<Spoken>((resolve) => {
      child.once('close', (code) => {
        isOver = true;
        this.#children.delete(child);
        this.collector.look(`stdout of ${args[0]}`, stdout);
        this.collector.look(`stderr of ${args[0]}`, stderr);
        resolve({ code, stdout, stderr });
      });
    });
    return { child, ended, stderr: () => stderr, isOver: () => isOver };
  }

  run(args: readonly string[], start: Start = {}): Promise<Spoken> {
    return this.start(args, start).ended;
  }

  /** Resolves once it holds; the end of what is waited for is the only other way out beside the test's own time limit. */
  async until(of: Speaking, holds: () => boolean | Promise<boolean>): Promise<void> {
    while (!(await holds())) {
      if (of.isOver()) throw new Error(`it ended before that: ${of.stderr()}`);
      await new Promise((next) => setTimeout(next, 50));
    }
  }

  fault(kind: string, given: object = {}): Promise<unknown> {
    return post(this.exchange.controlUrl, '/fault', { kind, ...given });
  }

  /** How often we have dealt, by the exchange's word. */
  get executions(): number {
    return this.exchange.exchange.ledger.since(0).filter(({ kind, uid }) => kind === 'fill' && uid === UID).length;
  }

  async log(state?: string): Promise<string> {
    return readFile(path.join(this.stateDir(state), 'logs', 'plotnost.log'), 'utf8').catch(() => '');
  }

  /** Every file of every state directory; the exchange's and the database's own are no words of ours. */
  async lookAtFiles(collector = this.collector): Promise<readonly string[]> {
    const entries = await readdir(this.dir, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && entry.name !== '.env');
    for (const { parentPath, name } of files) {
      const file = path.join(parentPath, name);
      collector.look(path.relative(this.dir, file), await readFile(file));
    }
    return files.map(({ name }) => name);
  }

  /** Every row of every table; how many by table. */
  async lookAtRows(collector = this.collector): Promise<ReadonlyMap<string, number>> {
    const tables = await this.server.sql<{ name: string }>(
      `SELECT format('%I.%I', nspname, relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE relkind IN ('r', 'p') AND NOT relispartition AND nspname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const counts = new Map<string, number>();
    for (const { name } of tables) {
      const rows = await this.server.sql<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      counts.set(name, rows.length);
      collector.look(`table ${name}`, rows.map(({ row }) => row).join('\n'));
    }
    return counts;
  }

  async close(): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await this.#close();
    await this.exchange.close();
    await this.server.remove();
    await rm(this.dir, { recursive: true, force: true });
  }
}

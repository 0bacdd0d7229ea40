// A doctor who looks at a simulated exchange over real sockets, and what he says.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import { createContext } from '../../../src/cli/context.ts';
import type { Check } from '../../../src/cli/doctor/check.ts';
import { addDoctorCommand } from '../../../src/cli/doctor/doctor.ts';
import type { Simulator } from '../../../src/simulator/server.ts';
import type { Position } from '../../../src/simulator/venue/model.ts';
import { openExchange, post } from '../../simulator/exchange-room.ts';

export interface Diagnosis {
  readonly ok: boolean;
  readonly checks: readonly Check[];
  readonly code: number;
  readonly err: string;
  /** Texts of all looks of that name and verdict, with their remedies. */
  said(name: string, verdict?: Check['verdict']): string;
}

export interface Visit {
  readonly sets?: readonly string[];
  readonly flags?: readonly string[];
  readonly key?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Told as to a person, line by line, and not as JSON, which comes with the end, unless a flag asks for it. */
  readonly onPrint?: (text: string) => void;
}

export class DoctorRoom {
  readonly dir: string;
  readonly exchange: Simulator;

  private constructor(dir: string, exchange: Simulator) {
    this.dir = dir;
    this.exchange = exchange;
  }

  static async open(): Promise<DoctorRoom> {
    const dir = await mkdtemp(path.join(tmpdir(), 'plotnost-doctor-test-'));
    await chmod(dir, 0o700);
    return new DoctorRoom(dir, await openExchange({ symbols: 6 }));
  }

  async close(): Promise<void> {
    await this.exchange.close();
    await rm(this.dir, { recursive: true, force: true });
  }

  get stateDir(): string {
    return path.join(this.dir, 'state');
  }

  fault(kind: string, given: object = {}): Promise<unknown> {
    return post(this.exchange.controlUrl, '/fault', { kind, ...given });
  }

  /** Every position of the account, as the exchange itself has it. */
  held(): readonly Position[] {
    const uid = this.exchange.keys[0]?.uid as number;
    const { venue, listings } = this.exchange.market;
    return listings.flatMap(({ symbol }) => venue.positions(uid, { symbol })).filter(({ lots }) => lots !== 0);
  }

  /** At this exchange, without a database, with the keys that are named. */
  async visit({ sets = [], flags = [], key, env = {}, onPrint }: Visit = {}): Promise<Diagnosis> {
    const { restUrl, publicUrl, privateUrl, tradeUrl, keys } = this.exchange;
    const named = { rest: restUrl, public: publicUrl, private: privateUrl, trade: tradeUrl };
    const own = Object.entries(named)
      .filter(([name]) => !sets.some((set) => set.startsWith(`exchange.endpoints.${name}=`)))
      .map(([name, url]) => `exchange.endpoints.${name}=${url}`);
    const found = keys.find((one) => one.key === key);
    const secrets = found === undefined ? {} : { BYBIT_API_KEY: found.key, BYBIT_API_SECRET: found.secret };
    return diagnose(this.dir, ['database.mode=off', ...own, ...sets], flags, { ...secrets, ...env }, onPrint);
  }
}

export async function diagnose(
  dir: string,
  sets: readonly string[],
  flags: readonly string[],
  env: Readonly<Record<string, string>>,
  onPrint?: (text: string) => void,
): Promise<Diagnosis> {
  let [out, err] = ['', ''];
  const stdout = { write: onPrint ?? ((text: string) => (out += text)) };
  const stderr = { write: (text: string) => (err += text) };
  const context = createContext({ env, cwd: dir, stdout, stderr });
  context.use({
    json: onPrint === undefined || flags.includes('--json'),
    stateDir: path.join(dir, 'state'),
    set: sets,
  });
  const program = new Command('plotnost').exitOverride();
  addDoctorCommand(program, context);
  const before = process.exitCode;
  process.exitCode = 0;
  const thrown = await program
    .parseAsync(['doctor', ...flags.filter((flag) => flag !== '--json')], { from: 'user' })
    .then(
      () => undefined,
      (error: unknown) => error as Error & { exitCode: number },
    );
  const code = thrown?.exitCode ?? Number(process.exitCode);
  process.exitCode = before;
  const { ok, checks } = out === '' ? { ok: false, checks: [] } : (JSON.parse(out) as Diagnosis);
  const said: Diagnosis['said'] = (name, verdict) =>
    checks
      .filter((check) => check.name === name && (verdict === undefined || check.verdict === verdict))
      .map(({ text, remedy }) => (remedy === undefined ? text : `${text}: ${remedy}`))
      .join('\n');
  return { ok, checks, code, err: `${err}${thrown?.message ?? ''}`, said };
}

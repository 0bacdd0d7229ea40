// How does an exchange outlive the daemon? A simulator process of our own, asked for its ledger and made to do what the market does.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { LedgerLine } from '../../src/simulator/ledger/ledger.ts';
import { Truth, type Moment } from './truth.ts';
import { PROGRAM } from './daemon.ts';

export interface Venue {
  readonly settings: readonly string[];
  readonly key: string;
  readonly secret: string;
  readonly truth: Truth;
  /** Hears all that has happened; answers what was so at that wall time. */
  catchUp(wallMs?: number): Promise<Moment>;
  act(act: object): Promise<boolean>;
  close(): Promise<void>;
}

interface Ready {
  readonly rest: string;
  readonly public: string;
  readonly private: string;
  readonly trade: string;
  readonly control: string;
  readonly keys: readonly [{ readonly key: string; readonly secret: string; readonly uid: number }];
}

export async function openVenue(seed: number, symbols: number): Promise<Venue> {
  const args = [PROGRAM, 'simulator', '--json', '--parent-pipe', '--seed', `${seed}`, '--symbols', `${symbols}`];
  const child = spawn(process.execPath, ['--no-warnings', ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => reject(new Error(`the simulator ended with ${code} before it was ready`)));
  });
  const ready = JSON.parse(line) as Ready;
  const [{ key, secret, uid }] = ready.keys;
  const truth = new Truth(uid);
  let heard = 0;

  async function catchUp(wallMs = Infinity): Promise<Moment> {
    const answer = await fetch(`${ready.control}/ledger?from=${heard}`);
    const body = await answer.text();
    if (!answer.ok) throw new Error(`the ledger is not to be had: ${answer.status} ${body}`);
    let then: Moment | undefined;
    for (const text of body.split('\n')) {
      if (text === '') continue;
      const told = JSON.parse(text) as LedgerLine;
      if (told.timeMs > wallMs) then ??= truth.now();
      truth.hear(told);
      heard = told.n + 1;
    }
    return then ?? truth.now();
  }

  return {
    key,
    secret,
    truth,
    catchUp,
    settings: (['rest', 'public', 'private', 'trade'] as const).map(
      (name) => `exchange.endpoints.${name}=${ready[name]}`,
    ),
    async act(act) {
      const answer = await fetch(`${ready.control}/fault`, { method: 'POST', body: JSON.stringify(act) });
      await answer.text();
      return answer.ok;
    },
    async close() {
      child.stdin.destroy();
      await ended;
    },
  };
}

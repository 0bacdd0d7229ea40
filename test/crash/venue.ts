// How does an exchange outlive the daemon? A simulator process of our own, asked for its ledger and made to do what the market does.
import { startSimulatorChild } from '../../src/cli/simulator-child.ts';
import type { LedgerLine } from '../../src/simulator/ledger/ledger.ts';
import { Truth, type Moment } from './truth.ts';

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

export async function openVenue(seed: number, symbols: number): Promise<Venue> {
  const child = await startSimulatorChild({ seed, symbols, rate: 'natural' });
  const [{ key, secret, uid }] = child.keys as [(typeof child.keys)[0]];
  const truth = new Truth(uid);
  let heard = 0;

  async function catchUp(wallMs = Infinity): Promise<Moment> {
    const answer = await fetch(`${child.control}/ledger?from=${heard}`);
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
      (name) => `exchange.endpoints.${name}=${child[name]}`,
    ),
    async act(act) {
      const answer = await fetch(`${child.control}/fault`, { method: 'POST', body: JSON.stringify(act) });
      await answer.text();
      return answer.ok;
    },
    close: () => child.close(),
  };
}

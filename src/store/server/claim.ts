// Who owns the database in this state directory? One living process; a dead owner's claim is taken over.
import { join } from 'node:path';
import { claim } from '../../lib/claim.ts';
import { StoreError } from '../error.ts';

export interface Claim {
  release(): Promise<void>;
}

/** Refused with `in-use` while another process that is alive holds the claim. */
export async function claimDirectory(stateDir: string): Promise<Claim> {
  const answer = await claim(join(stateDir, 'postgres.lock'));
  if (answer.kind === 'held') return answer;
  const who = answer.pid === process.pid ? 'this process' : `process ${answer.pid}`;
  throw new StoreError(
    'in-use',
    `the database in ${stateDir} belongs to ${who}, which is running: stop it, or give this one its own --state-dir`,
    false,
  );
}

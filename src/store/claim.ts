// Who owns the database in this state directory? One living process; a dead owner's claim is taken over.
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from './error.ts';
import { processIdentity } from './process-identity.ts';

export interface Claim {
  release(): Promise<void>;
}

interface Owner {
  readonly pid: number;
  readonly identity: string;
}

async function ownerIn(path: string): Promise<Owner | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return JSON.parse(text) as Owner;
  } catch {
    return undefined; // a claim is linked whole, so this one is not ours or was damaged with the disk
  }
}

/** Refused with `in-use` while another process that is alive holds the claim. */
export async function claimDirectory(stateDir: string): Promise<Claim> {
  const path = join(stateDir, 'postgres.lock');
  const draft = `${path}.${randomUUID()}`;
  const identity = await processIdentity(process.pid);
  await writeFile(draft, JSON.stringify({ pid: process.pid, identity }), { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      const taken = await link(draft, path).then(
        () => true,
        (error: unknown) => {
          if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
          throw error;
        },
      );
      if (taken) return { release: () => rm(path, { force: true }) };
      const owner = await ownerIn(path);
      if (owner !== undefined && (await processIdentity(owner.pid)) === owner.identity) {
        const who = owner.pid === process.pid ? 'this process' : `process ${owner.pid}`;
        throw new StoreError(
          'in-use',
          `the database in ${stateDir} belongs to ${who}, which is running: stop it, or give this one its own --state-dir`,
          false,
        );
      }
      // Of several that see the stale claim one rename succeeds; the rest go round again.
      const stale = `${path}.${randomUUID()}`;
      const moved = await rename(path, stale).then(
        () => true,
        () => false,
      );
      if (moved) await rm(stale, { force: true });
    }
    throw new StoreError('in-use', `the database in ${stateDir} is being claimed by several processes at once`, true);
  } finally {
    await rm(draft, { force: true });
  }
}

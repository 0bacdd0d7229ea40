// Who may look? Whoever can read a file that only the engine's owner can read.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeFolder } from '../../lib/folder.ts';

const BYTES = 32;

export function createSecret(): string {
  return randomBytes(BYTES).toString('base64url');
}

/** Takes the same time whatever is given. */
export function sameSecret(given: string, wanted: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(wanted));
}

export function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** Replaces the file of a former start, whatever its mode was; a link that lies there is not followed. */
export function writeToken(file: string, token: string): void {
  const draft = `${file}.${process.pid}.new`;
  makeFolder(path.dirname(file), 0o700);
  rmSync(draft, { force: true });
  try {
    writeFileSync(draft, `${token}\n`, { mode: 0o600, flag: 'wx' });
    renameSync(draft, file);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

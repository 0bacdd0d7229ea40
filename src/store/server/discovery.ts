// How does another process of ours find the running server? Through `<stateDir>/postgres.json`.
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { folderIdentity } from '../../lib/folder.ts';

export interface Discovery {
  readonly socketDir: string;
  readonly port: number;
  readonly user: string;
  readonly database: string;
  readonly pid: number;
  /** Identity of the state directory it was written in: a copy of the directory holds this file too. */
  readonly folder: string;
}

export const discoveryFile = (stateDir: string): string => join(stateDir, 'postgres.json');

export function connectionOf(discovery: Pick<Discovery, 'socketDir' | 'port' | 'user' | 'database'>): pg.ClientConfig {
  const { socketDir, port, user, database } = discovery;
  return { host: socketDir, port, user, database, ssl: false };
}

/** What a server puts into the folder of its socket. */
export const socketsOf = (port: number): string[] => [`.s.PGSQL.${port}`, `.s.PGSQL.${port}.lock`];

/** Undefined where there is none, or where it belongs to the directory that this one was copied from. */
export async function readDiscovery(stateDir: string): Promise<Discovery | undefined> {
  const text = await readFile(discoveryFile(stateDir), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const discovery = JSON.parse(text) as Discovery;
    return discovery.folder === (await folderIdentity(stateDir)) ? discovery : undefined;
  } catch {
    return undefined; // the file is replaced whole, so only a damaged disk leaves half of one
  }
}

export async function writeDiscovery(stateDir: string, server: Omit<Discovery, 'folder'>): Promise<void> {
  const discovery: Discovery = { ...server, folder: await folderIdentity(stateDir) };
  const file = discoveryFile(stateDir);
  await writeFile(`${file}.new`, `${JSON.stringify(discovery)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

export async function removeDiscovery(stateDir: string): Promise<void> {
  await rm(discoveryFile(stateDir), { force: true });
}

// Where does the engine of a state directory listen for its operator? In the directory; where that path is too long for a
// socket, in a private folder of the temp directory that a file here names, and below it this directory: a copy has the file too.
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { folderIdentity, removeFolder } from '../lib/folder.ts';

export interface ControlPlace {
  readonly path: string;
  /** What has to go when the engine ends, besides the socket. */
  readonly remove: () => Promise<void>;
}

const NAME = 'control.sock';
const POINTER = 'control.path';
const FOLDER = 'plotnost-control-';
/** 104 on macOS, 108 on Linux, with the zero at the end; less what a draft's name adds. */
const PATH_BYTES_MAX = 98;

/** Under which a socket is made: in its own name nobody finds one that is not ready. */
export const draftOf = (path: string): string => `${path}.new`;

const fits = (path: string): boolean => Buffer.byteLength(path) <= PATH_BYTES_MAX;

/** For the engine, which has the directory to itself. */
export async function makePlace(stateDir: string): Promise<ControlPlace> {
  const pointer = join(stateDir, POINTER);
  const left = await pointedAt(stateDir);
  // Of an engine that was killed.
  if (left !== undefined) await removeSocket(left);
  await rm(pointer, { force: true });
  const own = join(resolve(stateDir), NAME);
  if (fits(own)) return { path: own, remove: () => Promise.resolve() };
  const temp = fits(join(tmpdir(), `${FOLDER}XXXXXX`, NAME)) ? tmpdir() : '/tmp';
  const folder = await mkdtemp(join(temp, FOLDER)); // 0700
  const path = join(folder, NAME);
  await writeFile(`${pointer}.new`, `${path}\n${await folderIdentity(stateDir)}\n`, { mode: 0o600 });
  await rename(`${pointer}.new`, pointer);
  const remove = async (): Promise<void> => {
    await removeSocket(path);
    await rm(pointer, { force: true });
  };
  return { path, remove };
}

const removeSocket = (path: string): Promise<void> => removeFolder(dirname(path), [NAME, draftOf(NAME)]);

/** For whoever wants to talk to it; nothing need be there. */
export async function findPlace(stateDir: string): Promise<string> {
  return (await pointedAt(stateDir)) ?? join(resolve(stateDir), NAME);
}

/** Only a path as we make it: what else stands in the file is followed nowhere. */
async function pointedAt(stateDir: string): Promise<string | undefined> {
  const text = await readFile(join(stateDir, POINTER), 'utf8').catch(() => '');
  const [path = '', folder] = text.split('\n');
  const isOurs =
    basename(path) === NAME &&
    basename(dirname(path)).startsWith(FOLDER) &&
    folder === (await folderIdentity(stateDir));
  return isOurs ? resolve(path) : undefined;
}

// Are the implementations that we compare with installed, and in the pinned versions?
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const HOME = fileURLToPath(new URL('../peers/', import.meta.url));
const REMEDY = 'run `npm ci --prefix bench/peers`';

const peerRequire = createRequire(`${HOME}package.json`);
const ownRequire = createRequire(import.meta.url);

export class PeerError extends Error {
  override readonly name = 'PeerError';
}

interface Manifest {
  readonly version: string;
  readonly dependencies?: Record<string, string>;
}

const readManifest = (path: string): Manifest => JSON.parse(readFileSync(path, 'utf8')) as Manifest;

function pins(home: string): Record<string, string> {
  return readManifest(`${home}package.json`).dependencies ?? {};
}

/** Installs the peers on first use, then proves that every pinned one is there. */
export function ensurePeers(say: (line: string) => void, home = HOME): void {
  if (!existsSync(`${home}node_modules`)) {
    say('installing the peers of the comparison into bench/peers (once)');
    const npm = spawnSync('npm', ['ci', '--prefix', home, '--ignore-scripts', '--no-audit', '--no-fund'], {
      stdio: ['ignore', 2, 2],
      shell: process.platform === 'win32',
    });
    if (npm.status !== 0) throw new PeerError(`the peers could not be installed; ${REMEDY} and read what npm says`);
  }
  const missing = missingPeers(home);
  if (missing !== undefined) throw new PeerError(missing);
}

/** The first that is not installed in its pinned version, and the remedy; undefined when all are. */
export function missingPeers(home = HOME): string | undefined {
  for (const [name, pin] of Object.entries(pins(home))) {
    const path = `${home}node_modules/${name}/package.json`;
    if (!existsSync(path)) return `bench/peers: ${name} ${pin} is missing; ${REMEDY}`;
    const { version } = readManifest(path);
    if (version !== pin) return `bench/peers: ${name} is ${version} and not ${pin}; ${REMEDY}`;
  }
  return undefined;
}

/** The installed version of a peer, or of one of the product's own dependencies. */
export function peerVersion(name: string): string {
  if (name in pins(HOME)) return readManifest(`${HOME}node_modules/${name}/package.json`).version;
  return readManifest(fileURLToPath(new URL(`../../node_modules/${name}/package.json`, import.meta.url))).version;
}

/** The shapes of peers are declared by their one user: they are installed apart, so the compiler cannot see them. */
export function loadPeer<Shape>(name: string): Shape {
  return peerRequire(name) as Shape;
}

export function loadOwn<Shape>(name: string): Shape {
  return ownRequire(name) as Shape;
}

/** An ES module inside a peer, by its path: some do not export their parts. */
export async function importPeerFile<Shape>(path: string): Promise<Shape> {
  return (await import(pathToFileURL(`${HOME}node_modules/${path}`).href)) as Shape;
}

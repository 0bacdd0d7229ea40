// Does a comparison without one of its peers fail, and say what to do?
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensurePeers, PeerError } from '../../../bench/measure/peers.ts';

const REMEDY = 'npm ci --prefix bench/peers';
let home = '';
const said: string[] = [];
const ensure = (): void => ensurePeers((line) => void said.push(line), home);

async function install(version: string): Promise<void> {
  await mkdir(path.join(home, 'node_modules', 'a-book'), { recursive: true });
  await writeFile(path.join(home, 'node_modules', 'a-book', 'package.json'), JSON.stringify({ version }));
}

beforeEach(async () => {
  home = (await mkdtemp(path.join(os.tmpdir(), 'plotnost-peers-'))) + path.sep;
  await writeFile(path.join(home, 'package.json'), JSON.stringify({ dependencies: { 'a-book': '1.2.3' } }));
  said.length = 0;
});
afterEach(() => rm(home, { recursive: true, force: true }));

test('peers in their pinned versions are taken as they are', async () => {
  await install('1.2.3');
  expect(ensure).not.toThrow();
  expect(said).toEqual([]);
});

test('a peer in another version is named with both versions', async () => {
  await install('1.2.4');
  expect(ensure).toThrow(PeerError);
  expect(ensure).toThrow(`a-book is 1.2.4 and not 1.2.3; run \`${REMEDY}\``);
});

test('a missing peer is named', async () => {
  await mkdir(path.join(home, 'node_modules'));
  expect(ensure).toThrow(PeerError);
  expect(ensure).toThrow('a-book 1.2.3 is missing');
});

test('peers that cannot be installed are no comparison: without a lock npm refuses', () => {
  expect(ensure).toThrow(PeerError);
  expect(said).toEqual([expect.stringContaining('installing the peers')]);
});

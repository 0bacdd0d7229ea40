// The database fails in every way that can be had here while rows come: is each trade and event there once afterwards?
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore, type Store } from '../../../src/store/write/client.ts';
import { memoryLog, patientClock, tempDir, until } from '../fixtures.ts';
import { SERVERS, type TestServer } from '../servers.ts';
import { faultsOf, type Fault } from './faults.ts';
import { openLink, type Link } from './link.ts';
import { startNetworkServer, type NetworkServer } from './network-server.ts';
import { expected, keptOf, Offer, type Kept } from './offer.ts';

let dir: Awaited<ReturnType<typeof tempDir>>;
let server: NetworkServer;
let link: Link;
let store: Store;
const { log, lines } = memoryLog();

beforeAll(async () => {
  dir = await tempDir();
  server = await startNetworkServer(SERVERS[0] as TestServer);
  link = await openLink(server.port);
  store = await openStore(
    {
      connection: { ...server.connection, port: link.port },
      stateDir: dir.path,
      settings: { statementMsMax: 3_000, freeBytesMin: 0 },
    },
    log,
  );
  await until(() => store.stats().connected);
});
afterAll(async () => {
  await store.close(0);
  await link.close();
  await server.remove();
  await dir.remove();
});

const isWhole = (): boolean => {
  const { connected, spooled, queued } = store.stats();
  return connected && spooled === 0 && queued === 0;
};

const NAMES = [
  'stopped and started',
  'restarted at once',
  'killed with signal 9',
  'behind a half-open link',
  'its connection limit reached',
  'read-only',
  'slow: five seconds a statement',
  'wrong password',
  'a schema newer than the code',
];

test.each(NAMES)('%s: nothing is lost or doubled, one event says it, and it comes back', async (name) => {
  const fault = faultsOf(server, link).find((one) => one.name === name) as Fault;
  expect(await whatCameOf(fault)).toEqual(WELL);
});

test('its disk full, where a small one can be mounted: nothing is lost or doubled, one event says it', async () => {
  const faults = faultsOf(server, link).filter(({ name }) => name === 'its disk full');
  for (const fault of faults) expect(await whatCameOf(fault)).toEqual(WELL);
  expect(faults).toHaveLength(server.smallDisk === undefined ? 0 : 1);
});

/** Nothing missing, doubled or dropped; told once, by its name; there again once. */
const WELL = { differing: [], dropped: [], told: ['its cause'], comebacks: 1 };

async function whatCameOf(fault: Fault): Promise<object> {
  const offer = new Offer(store, fault.name);
  offer.write(400);
  await until(isWhole);
  const before = lines.length;
  await fault.begin();
  const isTold = (): boolean =>
    lines.slice(before).some((line) => line.level !== 'debug' && /\.(unreachable|refused)/.test(line.event));
  while (!isTold()) {
    offer.write(100);
    await new Promise((next) => setTimeout(next, 20));
  }
  offer.write(800);
  await until(() => store.stats().queued === 0);
  await fault.end();
  await until(isWhole);
  offer.write(100);
  await until(isWhole);
  const kept = (await keptOf(server, fault.name)) as Kept;
  const differing = Object.entries(expected(offer)).filter(([name, count]) => kept[name as keyof Kept] !== count);
  const dropped = Object.entries(store.stats().dropped).filter(([, rows]) => rows > 0);
  const said = lines.slice(before);
  const told = said
    .filter(({ level }) => level === 'warn' || level === 'error')
    .map((line) => {
      const isIt =
        /^database\.(unreachable|refused)$/.test(line.event) &&
        fault.causes.some((one) => one === line.fields['cause']);
      return isIt ? 'its cause' : line;
    });
  return { differing, dropped, told, comebacks: said.filter(({ event }) => event === 'database.connected').length };
}

test('rows of a run that ended while the server was away are there after the next', async () => {
  const stateDir = join(dir.path, 'next');
  await server.stop();
  const connection = server.connection;
  const first = await openStore({ connection, stateDir, settings: { freeBytesMin: 0 } }, memoryLog().log);
  const offer = new Offer(first, 'over two runs');
  offer.write(900);
  expect(await first.close()).toMatchObject({ queued: 0, connected: false });
  await server.start();
  const second = await openStore(
    { connection, stateDir, settings: { freeBytesMin: 0 } },
    memoryLog().log,
    patientClock,
  );
  expect(await second.close()).toMatchObject({ queued: 0, spooled: 0 });
  expect(await keptOf(server, 'over two runs')).toEqual(expected(offer));
});

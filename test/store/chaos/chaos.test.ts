// The database fails in every way that can be had here while rows come: is each trade and event there once afterwards?
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { openStore, type Store } from '../../../src/store/client.ts';
import { memoryLog, tempDir, until } from '../fixtures.ts';
import { SERVERS, type TestServer } from '../servers.ts';
import { faultsOf } from './faults.ts';
import { openLink, type Link } from './link.ts';
import { startNetworkServer, type NetworkServer } from './network-server.ts';
import { expected, keptOf, Offer } from './offer.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 }); // a loaded machine starts servers slowly

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

const NAMES = ['stopped and started', 'restarted at once', 'killed with signal 9', 'behind a half-open link'];
const MORE = ['its connection limit reached', 'read-only', 'slow: five seconds a statement', 'wrong password'];
const LAST = ['a schema newer than the code', ...(process.getuid?.() === 0 ? ['its disk full'] : [])];

test.each([...NAMES, ...MORE, ...LAST])(
  '%s: nothing is lost or doubled, one event says it, and it comes back',
  async (name) => {
    const fault = faultsOf(server, link).find((one) => one.name === name);
    // Where not even root may mount a small disk there is none to fill.
    if (fault === undefined) return expect(server.smallDisk).toBeUndefined();
    const offer = new Offer(store, name);
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
    expect(await keptOf(server, name)).toEqual(expected(offer));
    expect(Object.entries(store.stats().dropped).filter(([, rows]) => rows > 0)).toEqual([]);
    const told = lines.slice(before).filter((line) => line.level === 'warn' || line.level === 'error');
    expect(told).toMatchObject([{ event: expect.stringMatching(/^database\.(unreachable|refused)$/) as string }]);
    expect(fault.causes).toContain(told[0]?.fields['cause']);
    expect(lines.slice(before).filter((line) => line.event === 'database.connected')).toHaveLength(1);
  },
);

test('rows of a run that ended while the server was away are there after the next', async () => {
  const stateDir = join(dir.path, 'next');
  await server.stop();
  const connection = server.connection;
  const first = await openStore({ connection, stateDir, settings: { freeBytesMin: 0 } }, memoryLog().log);
  const offer = new Offer(first, 'over two runs');
  offer.write(900);
  expect(await first.close()).toMatchObject({ queued: 0, connected: false });
  await server.start();
  const second = await openStore({ connection, stateDir, settings: { freeBytesMin: 0 } }, memoryLog().log);
  expect(await second.close()).toMatchObject({ queued: 0, spooled: 0 });
  expect(await keptOf(server, 'over two runs')).toEqual(expected(offer));
});

// node test/store/chaos/chaos-run.ts [--rate 2000] [--seconds 6] [--faults TEXT] [--servers TEXT] [--pairs 10]
// Every fault of a database at full rate on every server that is here, and what main pays for it. Ends with 1 where
// anything was lost, doubled, told twice or not over.
import { join } from 'node:path';
import { median } from '../../../bench/measure/processes.ts';
import { openStore } from '../../../src/store/write/client.ts';
import { readFlags } from '../../flags.ts';
import { memoryLog, tempDir, until } from '../fixtures.ts';
import { SERVERS, type TestServer } from '../servers.ts';
import { faultsOf, type Fault } from './faults.ts';
import { openLink } from './link.ts';
import { startNetworkServer, type NetworkServer } from './network-server.ts';
import { expected, keptOf, Offer } from './offer.ts';
import { runPairs } from './pairs.ts';

const { values, refuse } = readFlags('node test/store/chaos/chaos-run.ts', {
  rate: { type: 'whole', least: 1, default: 2_000, says: 'rows a second' },
  seconds: { type: 'whole', least: 1, default: 6, says: 'of a fault' },
  faults: { type: 'string', default: '', says: 'those with this in their name' },
  servers: { type: 'string', default: '', says: 'those with this in their name' },
  pairs: { type: 'whole', default: 10, says: 'of a calm window and one with faults, on the last server' },
  frames: { type: 'whole', least: 1, default: 5_000, says: 'a second, while pairs are measured' },
});
const { rate, seconds } = values;
const OFFER_MS = 50;
const QUEUE_ROWS_MAX = 100_000;
const CPU_RATIO_MAX = 1.05;
const DELAY_MS_MORE_MAX = 5;
const PAIRS_MIN = 5;
const RECOVERY_MS_MAX = 60_000;

const say = (line: string): unknown => process.stdout.write(`${line}\n`);
const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
let failed = 0;

async function underFault(server: NetworkServer, stateDir: string, port: number, fault: Fault): Promise<void> {
  const { log, lines } = memoryLog();
  const connection = { ...server.connection, port };
  const store = await openStore({ connection, stateDir, settings: { freeBytesMin: 0, statementMsMax: 3_000 } }, log);
  await until(() => store.stats().connected);
  const sessionId = `${fault.name} ${server.port}`;
  const offer = new Offer(store, sessionId);
  let rows = 0;
  let queuedMost = 0;
  let spooledMost = 0;
  let residentMost = 0;
  const begun = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) * rate) / 1_000);
    if (due > rows) offer.write(due - rows);
    rows = Math.max(rows, due);
    const { queued, spooled } = store.stats();
    queuedMost = Math.max(queuedMost, queued);
    spooledMost = Math.max(spooledMost, spooled);
    residentMost = Math.max(residentMost, process.memoryUsage.rss());
  }, OFFER_MS);
  await wait(1_000);
  const from = lines.length;
  await fault.begin();
  await wait(seconds * 1_000);
  await fault.end();
  const ended = performance.now();
  // Rows go on coming while it recovers: the spool has to be emptied faster than it fills.
  const isWhole = (): boolean => store.stats().connected && store.stats().spooled === 0;
  while (!isWhole() && performance.now() - ended < RECOVERY_MS_MAX) await wait(20);
  const recoveryMs = Math.round(performance.now() - ended);
  await wait(1_000);
  clearInterval(timer);
  await until(() => store.stats().queued === 0 && store.stats().spooled === 0);
  const stats = await store.close();
  const kept = await keptOf(server, sessionId);
  await server.sql('TRUNCATE densities, signals, orderbook_snapshots, executions, system_events, trades');
  const isComplete = JSON.stringify(kept) === JSON.stringify(expected(offer));
  const dropped = Object.values(stats.dropped).reduce((sum, one) => sum + one, 0);
  const told = lines.slice(from).filter(({ level }) => level === 'warn' || level === 'error');
  const causes = told.map(({ event, fields }) => `${event} ${String(fields['cause'])} (${String(fields['reason'])})`);
  const isToldOnce = told.length === 1 && fault.causes.some((cause) => cause === told[0]?.fields['cause']);
  const isGood =
    isComplete && dropped === 0 && isToldOnce && queuedMost <= QUEUE_ROWS_MAX && recoveryMs < RECOVERY_MS_MAX;
  if (!isGood) failed++;
  say(
    `${isGood ? '✓' : '✗'} ${fault.name}: ${rows} rows offered, ${isComplete ? 'none lost or doubled' : `kept ${JSON.stringify(kept)} of ${JSON.stringify(expected(offer))}`}` +
      `, ${dropped} shed, at most ${queuedMost} in memory and ${spooledMost} on disk, ${Math.round(residentMost / 2 ** 20)} MB resident, ` +
      `whole again after ${(recoveryMs / 1_000).toFixed(1)} s, told: ${causes.join('; ')}`,
  );
}

async function pairsOn(server: NetworkServer, dir: string, port: number, faults: readonly Fault[]): Promise<void> {
  const count = values.pairs;
  if (count === 0) return;
  const sessionId = 'pairs';
  const job = {
    connection: { ...server.connection, port },
    stateDir: join(dir, sessionId),
    sessionId,
    seconds: seconds * 2,
    framesPerSecond: values.frames,
    rowsPerSecond: rate,
  };
  const ratios: number[] = [];
  const more: number[] = [];
  const offered = await runPairs(job, faults, count, ({ fault, calm, chaos }) => {
    ratios.push(chaos.cpuMicrosPerFrame / calm.cpuMicrosPerFrame);
    more.push(chaos.loopDelayMsP99 - calm.loopDelayMsP99);
    say(
      `  pair ${ratios.length}, ${fault}: main ${calm.cpuMicrosPerFrame.toFixed(2)} µs a frame calm, ${chaos.cpuMicrosPerFrame.toFixed(2)} in chaos; ` +
        `loop delay p99 ${calm.loopDelayMsP99.toFixed(1)} ms calm, ${chaos.loopDelayMsP99.toFixed(1)} in chaos`,
    );
  });
  const kept = await keptOf(server, sessionId);
  const isComplete = kept?.events === offered.events && kept.trades === offered.trades && offered.dropped === 0;
  const [ratio, delay] = [median(ratios), median(more)];
  // One or two pairs say nothing of speed.
  const isQuick = ratios.length < PAIRS_MIN || (ratio <= CPU_RATIO_MAX && delay <= DELAY_MS_MORE_MAX);
  if (!isComplete || !isQuick) failed++;
  say(
    `${isComplete && isQuick ? '✓' : '✗'} ${ratios.length} pairs, ${isComplete ? 'none of their rows lost or doubled' : `kept ${JSON.stringify(kept)} of ${JSON.stringify(offered)}`}` +
      `; medians: main's CPU × ${ratio.toFixed(3)}, loop delay p99 ${delay.toFixed(2)} ms more`,
  );
}

async function onServer(which: TestServer, isLast: boolean): Promise<void> {
  const dir = await tempDir();
  const server = await startNetworkServer(which);
  const link = await openLink(server.port);
  say(`on ${which.name}, over TCP${server.smallDisk === undefined ? ', no small disk can be mounted here' : ''}:`);
  try {
    const faults = faultsOf(server, link);
    const chosen = faults.filter(({ name }) => name.includes(values.faults));
    if (chosen.length === 0) {
      failed++;
      say(`✗ no fault has ${values.faults} in its name: there are ${faults.map(({ name }) => name).join(', ')}`);
    }
    for (const fault of chosen) {
      await underFault(server, join(dir.path, fault.name.replaceAll(/\W+/g, '-')), link.port, fault);
    }
    if (isLast) await pairsOn(server, dir.path, link.port, faults);
  } finally {
    await link.close();
    await server.remove();
    await dir.remove();
  }
}

const servers = SERVERS.filter(({ name }) => name.includes(values.servers));
if (servers.length === 0)
  refuse(`--servers ${values.servers}: there are ${SERVERS.map(({ name }) => name).join(', ')}`);
for (const which of servers) await onServer(which, which === servers.at(-1));
process.exitCode = failed === 0 ? 0 : 1;

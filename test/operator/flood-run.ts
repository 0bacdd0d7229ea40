// What does a flood at the dashboard cost the engine? Windows with and without it take turns; main's CPU a frame and its loop's
// delay are compared. By hand: `node test/operator/flood-run.ts --pairs 10 --seconds 5` (two cores at least; leave them alone).
import { fork } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { readFlags } from '../flags.ts';
import { startFakeMain, type FakeMain } from './fake-main.ts';
import { PageSocket } from './page-socket.ts';
import { logIn } from './visitor.ts';

const GENERATOR = fileURLToPath(new URL('flood-generator.ts', import.meta.url));
const CLIENTS = 5;
const CPU_RATIO_MAX = 1.05;
const DELAY_MS_MAX = 5;
const THREAD_PERCENT_MAX = 10;

export interface Flood {
  readonly perSecond: number;
  readonly sockets: number;
}

const wait = (ms: number): Promise<void> => new Promise((next) => setTimeout(next, ms));

interface Counted {
  readonly sent: number;
  readonly answered: number;
}

/** Has begun when it is handed over: what starting the generator costs its parent is no cost of the flood. */
async function openFlood(
  url: string,
  cookie: string,
  { perSecond, sockets }: Flood,
): Promise<{ counted(): Counted; close(): Promise<void> }> {
  let last: Counted = { sent: 0, answered: 0 };
  const generator = fork(GENERATOR, [url, String(perSecond), String(sockets), cookie]);
  await new Promise<void>((begun) => {
    generator.on('message', (told) => {
      last = told as Counted;
      if (last.answered > 0) begun();
    });
  });
  return {
    counted: () => last,
    async close() {
      const ended = new Promise((done) => generator.once('exit', done));
      generator.disconnect();
      await ended;
    },
  };
}

/** Answers how many requests were sent and answered. */
export async function floodFor(main: Pick<FakeMain, 'url' | 'token'>, ms: number, flood: Flood): Promise<Counted> {
  const { cookie } = await logIn(main.url, main.token);
  const opened = await openFlood(main.url, cookie, flood);
  await wait(ms);
  await opened.close();
  return opened.counted();
}

interface Window {
  readonly usPerFrame: number;
  readonly p99Ms: number;
}

/** Main's own thread while `during` goes on. */
async function measure(main: FakeMain, during: () => Promise<unknown>): Promise<Window> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const frames = main.market.frames;
  const before = process.threadCpuUsage();
  delay.enable();
  await during();
  delay.disable();
  const { user, system } = process.threadCpuUsage(before);
  return { usPerFrame: (user + system) / (main.market.frames - frames), p99Ms: delay.percentile(99) / 1e6 };
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;

async function run(pairs: number, seconds: number): Promise<boolean> {
  const main = await startFakeMain({ symbols: 40, warmUpMs: 5_000 });
  const pages = await Promise.all(Array.from({ length: CLIENTS }, () => PageSocket.open(main.url, main.token)));
  pages.forEach((page, i) =>
    page.say({ kind: 'watch', symbol: main.market.symbols[i]?.instrument.symbol ?? '', zoom: 1 }),
  );
  await wait(3_000);
  await wait(seconds * 1_000);
  const shares =
    pages[0]
      ?.of('status')
      .slice(-5)
      .map(({ surface }) => surface.utilization * 100) ?? [];
  const share = median(shares);
  console.log(
    `operator thread with ${CLIENTS} pages, ${main.market.symbols.length} symbols: ${share.toFixed(1)} % of a core`,
  );
  // Once: right after a flood nobody may log in.
  const { cookie } = await logIn(main.url, main.token);
  const ratios: number[] = [];
  const delays: number[] = [];
  for (let pair = 1; pair <= pairs; pair++) {
    const calm = () => measure(main, () => wait(seconds * 1_000));
    let rate = 0;
    const flooded = async () => {
      const flood = await openFlood(main.url, cookie, { perSecond: 5_000, sockets: 200 });
      const before = flood.counted().answered;
      const window = await calm();
      rate = (flood.counted().answered - before) / seconds;
      await flood.close();
      return window;
    };
    const [first, second] = pair % 2 === 0 ? [calm, flooded] : [flooded, calm];
    const one = await first();
    const two = await second();
    const [quiet, loud] = pair % 2 === 0 ? [one, two] : [two, one];
    ratios.push(loud.usPerFrame / quiet.usPerFrame);
    delays.push(loud.p99Ms - quiet.p99Ms);
    console.log(
      `pair ${pair}: ${quiet.usPerFrame.toFixed(1)} → ${loud.usPerFrame.toFixed(1)} µs a frame, p99 ` +
        `${quiet.p99Ms.toFixed(2)} → ${loud.p99Ms.toFixed(2)} ms, ${Math.round(rate)} answers/s`,
    );
  }
  for (const page of pages) page.close();
  const changes = main.desk.commands.length;
  await main.close();
  const [ratio, delay] = [median(ratios), median(delays)];
  console.log(
    `median: CPU a frame × ${ratio.toFixed(3)} (at most ${CPU_RATIO_MAX}), p99 ${delay.toFixed(2)} ms more (at most ` +
      `${DELAY_MS_MAX}), ${changes} changes of state (0)`,
  );
  return ratio <= CPU_RATIO_MAX && delay <= DELAY_MS_MAX && changes === 0 && share < THREAD_PERCENT_MAX;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { values } = readFlags('node test/operator/flood-run.ts', {
    pairs: { type: 'whole', least: 1, default: 10, says: 'of a window with the flood and one without' },
    seconds: { type: 'whole', least: 1, default: 5, says: 'of a window' },
  });
  process.exit((await run(values.pairs, values.seconds)) ? 0 : 1);
}

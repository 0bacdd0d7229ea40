// When is the main thread given up, and what is said of it? Runs in the watchdog's thread and never waits for main.
//
// A thread cannot end the process with an exit code: a debugger's session with the main thread does that for it, by an
// interrupt, which also tells where main stands. Main that runs no JavaScript at all hears no interrupt; then, or when the
// report takes too long, the process is killed: the supervisor sees that too.
import { appendFile } from 'node:fs/promises';
import { write } from 'node:fs';
import { Session, type Debugger } from 'node:inspector';
import type { Ms } from '../lib/brand.ts';
import type { Clock } from '../lib/clock.ts';
import { beats } from './heartbeat.ts';
import type { MainThread } from './main-thread.ts';
import type { WatchOrders } from './watchdog.ts';

const LOOK = 250 as Ms;
/** Of the time in which main waits for a core this part counts: without a turn for a minute it is ended, whatever the kernel says. */
const WAITING_PART = 1 / 12;
const EXIT_CODE = 70;
const STDERR = 2;

/**
 * Only time that this thread was awake for counts: when the whole process stood still, main could not beat either. And of the time
 * that main would run hardly more counts than it was given a core for: on a machine that others keep busy it is late, not dead.
 */
export function watchBeats(
  orders: WatchOrders,
  clock: Clock,
  lookAtMain: () => MainThread | undefined,
  giveUp: (silence: Ms) => void,
): void {
  let seen = beats(orders.heartbeat);
  let silence = 0;
  let looked = clock.monotonic();
  let ran = lookAtMain()?.ranMs ?? 0;
  const watch = clock.every(LOOK, () => {
    const now = clock.monotonic();
    const main = lookAtMain();
    const lasted = Math.min(now - looked, 2 * LOOK);
    const given = Math.max(WAITING_PART * lasted, (main?.ranMs ?? 0) - ran);
    silence += main?.isReady === true ? Math.min(lasted, given) : lasted;
    looked = now;
    ran = main?.ranMs ?? 0;
    const count = beats(orders.heartbeat);
    if (count !== seen) {
      seen = count;
      silence = 0;
    }
    if (silence < orders.silenceMsMax) return;
    watch.cancel();
    giveUp(silence as Ms);
  });
}

function stackOf(frames: readonly Debugger.CallFrame[], urls: ReadonlyMap<string, string>): string {
  return frames
    .map(({ functionName, location: { scriptId, lineNumber, columnNumber = 0 } }) => {
      const place = `${urls.get(scriptId) ?? '(unknown)'}:${lineNumber + 1}:${columnNumber + 1}`;
      return `    at ${functionName || '(anonymous)'} (${place})`;
    })
    .join('\n');
}

/** Off this thread: a disk or a terminal that hangs must not delay the end. */
async function report({ reportFile }: WatchOrders, text: string): Promise<void> {
  // A worker's own stderr is a message to main.
  const tell = (words: string) => new Promise<void>((done) => write(STDERR, words, () => done()));
  const told = tell(text);
  await appendFile(reportFile, text, { mode: 0o600 }).catch(async (error: unknown) => {
    await told;
    await tell(`${reportFile} cannot be written: ${String(error)}\n`);
  });
  await told;
}

/** Never returns to a living process. */
export function endProcess(orders: WatchOrders, silence: Ms, clock: Clock): void {
  clock.after(orders.lastMs, () => process.kill(process.pid, 'SIGKILL'));
  let isTold = false;
  const tell = (stack: string): Promise<void> => {
    isTold = true;
    const when = new Date(clock.wall()).toISOString();
    const head = `${when} watchdog: the main thread has not turned for ${Math.round(silence)} ms; its stack:`;
    return report(orders, `${head}\n${stack}\n`);
  };
  const urls = new Map<string, string>();
  const session = new Session();
  session.connectToMainThread();
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url));
  session.on('Debugger.paused', ({ params: { callFrames } }) => {
    const [top] = callFrames;
    if (isTold || top === undefined) return;
    void tell(stackOf(callFrames, urls)).then(() => {
      const { callFrameId } = top;
      session.post('Debugger.evaluateOnCallFrame', { callFrameId, expression: `process.reallyExit(${EXIT_CODE})` });
    });
  });
  session.post('Debugger.enable');
  session.post('Debugger.pause');
  clock.after((orders.lastMs / 2) as Ms, () => {
    if (!isTold) void tell('    (main runs no JavaScript: it waits in a system call or in native code)');
  });
}

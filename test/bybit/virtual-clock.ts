// A clock that moves only when the test says so.
import type { Ms } from '../../src/lib/brand.ts';
import type { Clock, Timer } from '../../src/lib/clock.ts';

interface Alarm {
  at: number;
  readonly order: number;
  readonly period: number | undefined;
  readonly run: () => void;
}

export interface VirtualClock extends Clock {
  /** How many still wait for their time. */
  readonly waiting: () => number;
  /** Runs everything that falls due, in order of time, and lets promises settle in between. */
  advance(ms: number): Promise<void>;
  /** Time passes while the loop stands still: nothing runs, then all that is late at once. */
  stall(ms: number): Promise<void>;
  /** Somebody has put the machine's calendar forward or back. */
  stepWall(ms: number): void;
}

/** Every promise chain that does not touch the outside world has ended afterwards. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
}

export function createVirtualClock(wallStart = 1_786_310_820_000): VirtualClock {
  let now = 1_000;
  let order = 0;
  let steppedMs = 0;
  const alarms = new Set<Alarm>();
  const arm = (delay: number, period: number | undefined, run: () => void): Timer => {
    const alarm: Alarm = { at: now + Math.max(0, delay), order: order++, period, run };
    alarms.add(alarm);
    return { cancel: () => alarms.delete(alarm) };
  };
  const due = (until: number): Alarm | undefined =>
    [...alarms].filter((alarm) => alarm.at <= until).sort((a, b) => a.at - b.at || a.order - b.order)[0];
  const fire = (alarm: Alarm): void => {
    if (alarm.period === undefined) alarms.delete(alarm);
    else alarm.at = Math.max(alarm.at, now) + alarm.period;
    alarm.run();
  };
  return {
    monotonic: () => now as Ms,
    wall: () => (wallStart + steppedMs + now) as Ms,
    waiting: () => alarms.size,
    after: (delay, run) => arm(delay, undefined, run),
    every: (period, run) => arm(period, period, run),
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (let alarm = due(until); alarm !== undefined; alarm = due(until)) {
        now = Math.max(now, alarm.at);
        fire(alarm);
        await settle();
      }
      now = until;
    },
    stepWall: (ms) => void (steppedMs += ms),
    async stall(ms) {
      now += ms;
      for (let alarm = due(now); alarm !== undefined; alarm = due(now)) fire(alarm);
      await settle();
    },
  };
}

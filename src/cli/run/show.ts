// How is a run shown while it goes on? Once a second to whoever started it, and to an operator who asks its socket or its page.
import type { Ms } from '../../lib/brand.ts';
import { systemClock } from '../../lib/clock.ts';
import type { Command } from '../../position/desk-event.ts';
import type { CliContext, LoadedConfig } from '../context.ts';
import { carryOut } from './commands.ts';
import { openRunControl } from './control.ts';
import { warnOfFaults } from './ends.ts';
import type { Launched } from './launch.ts';
import { reloadOnHangup } from './process.ts';
import { createDisplay, runStatus, type Display, type RunStatus } from './status.ts';
import { viewOfTrading } from './views.ts';
import type { Watch } from './watch.ts';

const SECOND = 1_000 as Ms;

export interface Shown {
  readonly display: Display;
  readonly status: () => RunStatus;
  /** Notes for the score what is watched now. */
  readonly observe: () => void;
}

/** `begun`: when the run began, by `performance`. A configuration that is read again is shown, and in force, from then on. */
export async function show(
  context: CliContext,
  loaded: LoadedConfig,
  run: Watch,
  launched: Launched,
  begun: number,
): Promise<Shown> {
  const { config, stateDir } = loaded;
  const { sessionId, startedMs, surface, version, log, opened } = run;
  const { ground, identity, engine, latencies, memory, connection, store, observed } = launched;
  const { environment } = config.exchange;
  const { mode } = config.trading;
  const { latch } = ground.state;
  const killReason = () => latch.standing.reason;
  const command = (asked: Command) => carryOut(engine.trading?.trader, latch, asked);
  opened.control = await openRunControl({
    stateDir,
    engine,
    facts: { version, environment, trading: mode },
    memory: () => ({ taken: memory.taken.process, limit: memory.limits.process }),
    command,
    killReason,
    log,
  });
  const view = () => (engine.trading === undefined ? undefined : viewOfTrading(engine.trading, killReason()));
  const status = () => runStatus(engine, store?.stats(), (performance.now() - begun) / SECOND, view());
  const display = createDisplay(context);
  let inForce = config;
  surface?.open({
    config: () => inForce,
    stateDir,
    session: {
      sessionId,
      version,
      node: process.version,
      environment,
      tradingMode: mode,
      startedMs,
      configHash: loaded.digest.slice(0, 16),
    },
    engine,
    command,
    latencies,
    memory,
    stats: () => store?.stats(),
    connection,
    account: identity.account,
    secrets: context.secretsOf(config),
    log,
    announce: (text) => display.announce(`dashboard  ${text}`),
  });
  const observe = () => observed?.watch(engine.feed.status().symbols, systemClock.wall());
  opened.shown = systemClock.every(SECOND, () => {
    observe();
    display.show(status(), engine);
  });
  reloadOnHangup(
    run.hangups,
    loaded,
    () => context.reloadConfig(loaded.file, run.overrides),
    log,
    (latest) => {
      inForce = latest;
      engine.reload(latest);
      warnOfFaults(engine, log);
    },
  );
  return { display, status, observe };
}

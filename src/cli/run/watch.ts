// One run from its first child process to its last output: it is launched and shown, until something ends it, and then closed.
import type { Overrides } from '../../config/override.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Ms } from '../../lib/brand.ts';
import { systemClock, type Timer } from '../../lib/clock.ts';
import type { Control } from '../../ops/control.ts';
import type { Log } from '../../ops/log.ts';
import type { MemoryWatch } from '../../ops/memory-watch.ts';
import type { Rehearsals } from '../../engine/rehearsal.ts';
import type { ScenarioResult } from '../../simulator/scenario/play.ts';
import type { Embedded } from '../../store/server/launcher.ts';
import type { Store } from '../../store/write/client.ts';
import { CliError, EXIT, type CliContext, type LoadedConfig } from '../context.ts';
import type { KillSignal } from '../kill-signal.ts';
import { verdictText } from '../scenario.ts';
import type { SimulatorChild } from '../simulator-child.ts';
import { drainPositions, scoreOf, startChecked, storedRows } from './ends.ts';
import { launch } from './launch.ts';
import type { OperatorSurface } from './operator.ts';
import type { Hangups } from './process.ts';
import type { RunRecording } from './recording.ts';
import type { ScenarioRun } from './scenario.ts';
import { show } from './show.ts';
import type { Ground } from './trading.ts';

const FULL = 'memory';
const DIED = 'the simulated exchange died';

/** What is open so far; whatever happens, it is closed at the end. */
export interface Opened {
  /** Undefined again once it is closed. */
  recording?: RunRecording | undefined;
  ground?: Ground | undefined;
  /** Undefined again once it is stopped. */
  engine?: Engine | undefined;
  control?: Control;
  shown?: Timer;
  rehearsals?: Rehearsals;
  memory?: MemoryWatch;
  store?: Store | undefined;
  /** How it ended; undefined while it did not end as it should. */
  reason?: string;
  simulator?: SimulatorChild | undefined;
  embedded?: Embedded | undefined;
}

export interface Watch {
  readonly sessionId: string;
  readonly startedMs: Ms;
  /** Undefined: nobody may look. */
  readonly surface: OperatorSurface | undefined;
  readonly version: string;
  readonly truthFile: string | undefined;
  readonly ledgerFile: string | undefined;
  readonly killSignal: KillSignal;
  readonly hangups: Hangups;
  readonly scenario: ScenarioRun | undefined;
  readonly log: Log;
  readonly asked: Promise<string>;
  readonly over: AbortSignal;
  readonly opened: Opened;
  readonly overrides: Overrides;
}

export async function watch(context: CliContext, loaded: LoadedConfig, run: Watch): Promise<void> {
  const begun = performance.now();
  const { config } = loaded;
  const { sessionId, surface, truthFile, scenario, log, asked, over, opened } = run;
  const launched = await launch(context, loaded, run);
  if (launched === undefined) return;
  const { engine, memory, connection, store, observed } = launched;
  const { display, status, observe } = await show(context, loaded, run, launched, begun);
  const failed = startChecked(engine, log, store).then(() => new Promise<never>(() => undefined));
  const died = opened.simulator?.died.then(() => DIED);
  let lived: ScenarioResult | undefined;
  const { control } = opened.simulator ?? {};
  const played =
    control === undefined
      ? undefined
      : scenario?.play(control, engine, systemClock, over).then((result) => {
          lived = result;
          return 'scenario';
        });
  const reason = await Promise.race([asked, failed, memory.full, ...[died, played].filter((one) => one !== undefined)]);
  opened.shown?.cancel();
  log.info({ reason }, 'run.ending');
  surface?.ending();
  observe();
  const { waitsFor, books, standing } = status(); // as it was while the exchange was still listened to
  if (reason !== DIED) await drainPositions(engine, config, log);
  await engine.stop();
  opened.engine = undefined;
  const recorded = await opened.recording?.end();
  opened.recording = undefined;
  await store?.close();
  const rows = connection === undefined ? 0 : await storedRows(connection, sessionId, log);
  await opened.simulator?.close();
  const score =
    reason === DIED || truthFile === undefined || observed === undefined ? undefined : scoreOf(truthFile, observed);
  const verdict = lived === undefined ? undefined : scenario?.verdict(lived);
  display.end(
    {
      ...(score === undefined || score instanceof CliError ? {} : { score }),
      ...(verdict === undefined ? {} : { scenario: verdict }),
      ...status(),
      waitsFor,
      books,
      standing,
      ...(rows === undefined ? {} : { rows }),
      ...(recorded === undefined ? {} : { recorded }),
      warnings: log.counts(),
    },
    engine,
  );
  if (reason === DIED) throw new CliError(reason, EXIT.unavailable);
  if (score instanceof CliError) throw score;
  opened.reason = reason;
  if (reason === FULL) {
    throw new CliError('memory is used up: the run ended in good order; a service manager restarts it', EXIT.later);
  }
  if (verdict?.passed === false) throw new CliError(verdictText(verdict), EXIT.failure);
}

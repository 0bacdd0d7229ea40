// What did the engine hear? With `--record` all of it is kept for `replay`. A disk that takes no more ends the recording, never the run.
import { existsSync, statSync } from 'node:fs';
import { systemClock } from '../../lib/clock.ts';
import type { Log } from '../../ops/log.ts';
import { RecordError } from '../../record/record-error.ts';
import { createRecorder, type Recorder } from '../../record/recorder.ts';
import { CliError, EXIT, type ExitCode } from '../context.ts';

/** The last word about it. */
export interface Recorded {
  readonly file: string;
  readonly frames: number;
  /** Frames that the disk was too slow for. */
  readonly dropped: number;
  /** Why it does not go to the end; null where it does. */
  readonly fault: string | null;
}

export class RunRecording {
  readonly recorder: Recorder;
  #fault: string | null = null;

  private constructor(recorder: Recorder, log: Log) {
    this.recorder = recorder;
    void recorder.written.then((error) => {
      if (error === undefined) return;
      this.#fault = error.reason;
      log.error({ path: error.path, reason: error.reason }, 'record.failed');
    });
  }

  /** Throws a `CliError` where no file can be made. */
  static async begin(wanted: string, environment: string, program: string, log: Log): Promise<RunRecording> {
    const path = ownName(wanted);
    log.info({ path }, 'record.path');
    const options = { environment, program, clock: systemClock, log, flag: '--record' };
    const recorder = await createRecorder(path, options).catch(asCliError(EXIT.usage));
    return new RunRecording(recorder, log);
  }

  async end(): Promise<Recorded> {
    const { path: file, frames, dropped } = this.recorder;
    await this.recorder.close().catch((error: unknown) => {
      // It has been told already, when it was written no further.
      if (!(error instanceof RecordError)) throw error;
    });
    return { file, frames, dropped, fault: this.#fault };
  }
}

export function asCliError(code: ExitCode): (error: unknown) => never {
  return (error) => {
    throw error instanceof RecordError ? new CliError(error.message, code) : error;
  };
}

/** Whoever starts a run again says the same words: behind a recording that is there stands the time of the next. */
function ownName(path: string): string {
  const isTaken = existsSync(path) && statSync(path).isFile();
  return isTaken ? `${path}.${timeForName()}` : path;
}

/** In the order of their names files that bear it are in the order of their times. */
export function timeForName(): string {
  return new Date(systemClock.wall()).toISOString().replaceAll(/[:.]/g, '-');
}

export function recordedText({ file, frames, dropped, fault }: Recorded): string {
  if (frames === 0) return 'no frame was received: no recording was kept';
  const lost = dropped === 0 ? '' : `, ${dropped} lost because the disk was too slow`;
  return `${file}: ${frames} frames${lost}${fault === null ? '' : `; it ${fault}`}`;
}

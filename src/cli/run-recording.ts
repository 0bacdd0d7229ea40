// What did the engine hear? With `--record` all of it is kept for `replay`. A disk that takes no more ends the recording, never the run.
import { systemClock } from '../lib/clock.ts';
import type { Log } from '../ops/log.ts';
import { RecordError } from '../record/record-error.ts';
import { createRecorder, type Recorder } from '../record/recorder.ts';
import { CliError, EXIT } from './context.ts';

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

  /** Throws a `CliError` where the file is there already or cannot be made. */
  static async begin(path: string, environment: string, program: string, log: Log): Promise<RunRecording> {
    const options = { environment, program, clock: systemClock, log, flag: '--record' };
    const recorder = await createRecorder(path, options).catch((error: unknown) => {
      throw error instanceof RecordError ? new CliError(error.message, EXIT.usage) : error;
    });
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

export function recordedText({ file, frames, dropped, fault }: Recorded): string {
  if (frames === 0) return 'nothing was heard: no recording was kept';
  const lost = dropped === 0 ? '' : `, ${dropped} lost because the disk was too slow`;
  return `${file}: ${frames} frames${lost}${fault === null ? '' : `; it ${fault}`}`;
}

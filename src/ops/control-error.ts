// What can go wrong between an operator and the engine?
import { passingRemedy } from '../lib/passing-fault.ts';

export type ControlErrorCode =
  | 'in-use' // another engine listens there
  | 'disk' // no socket can be made there
  | 'absent' // nobody listens there
  | 'forbidden' // it belongs to another account
  | 'silent' // somebody listens and does not answer
  | 'refused'; // the engine did not understand, or could not yet

export class ControlError extends Error {
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'ControlError';
    this.code = code;
  }

  /** As in sysexits.h. */
  get exitCode(): 1 | 69 | 75 | 78 {
    if (this.code === 'in-use') return 75;
    if (this.code === 'disk') return passingRemedy(this.cause) === undefined ? 78 : 75;
    return this.code === 'refused' ? 1 : 69;
  }
}

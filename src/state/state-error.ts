// What can be wrong with the state directory, and what is the operator to do?
import { messageOf } from '../lib/error-message.ts';
import { passingRemedy } from '../lib/passing-fault.ts';

export type StateErrorCode =
  | 'journal-newer' // written by a later version of this program
  | 'in-use' // another engine holds the lock
  | 'disk'; // the directory cannot be read or written

export class StateError extends Error {
  readonly code: StateErrorCode;

  constructor(code: StateErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StateError';
    this.code = code;
  }

  /** As in sysexits.h: later, while another engine has it or the disk may take it again; else a person has to change the setup. */
  get exitCode(): number {
    return this.code === 'in-use' || passingRemedy(this.cause) !== undefined ? 75 : 78;
  }
}

export function diskError(what: string, error: unknown): StateError {
  const remedy =
    passingRemedy(error) ?? 'make the state directory writable for this account, or name another with --state-dir';
  return new StateError('disk', `${what} (${messageOf(error)}): ${remedy}`, error);
}

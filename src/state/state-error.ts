// What can be wrong with the state directory, and what is the operator to do?

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

  /** As in sysexits.h: later, while another engine has it; else a person has to change the setup. */
  get exitCode(): number {
    return this.code === 'in-use' ? 75 : 78;
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function diskError(what: string, error: unknown): StateError {
  return new StateError(
    'disk',
    `${what} (${messageOf(error)}): make the state directory writable for this account, or name another with --state-dir`,
    error,
  );
}

// What can go wrong between us and PostgreSQL, and is it worth another try?

export type StoreErrorCode =
  | 'in-use' // another process owns the state directory
  | 'no-binaries' // no server program for this platform
  | 'start-failed' // the embedded server did not come up
  | 'wrong-version' // the data was made by another PostgreSQL
  | 'absent' // nothing was ever stored in this state directory
  | 'unreachable' // the server does not answer, or answers that it cannot now
  | 'read-only' // the server takes no rows, for now
  | 'schema' // the migrations do not fit the database
  | 'encoding' // not every name of a coin can be written in it
  | 'rights' // the account may not make tables, or not touch ours
  | 'misplaced' // our list of migrations is not beside our tables
  | 'foreign' // another program's tables have our names
  | 'spool'; // the disk refused a row

export class StoreError extends Error {
  readonly code: StoreErrorCode;
  readonly retry: boolean;

  constructor(code: StoreErrorCode, message: string, retry: boolean, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StoreError';
    this.code = code;
    this.retry = retry;
  }

  /** As in sysexits.h: later while another engine has it, unavailable for now, or a person has to change the setup. */
  get exitCode(): number {
    if (this.code === 'absent') return 1;
    if (this.code === 'in-use') return 75;
    return this.retry ? 69 : 78;
  }
}

/** The SQLSTATE of an error of `pg`; undefined for one of the network. */
export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
}

/** A mistake of ours, which no other try mends: `pg`, its server and the network throw nothing of these kinds once they are connected. */
export function isBug(error: unknown): error is Error {
  return error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError;
}

/**
 * The server is well, and these very rows are at fault: it refuses them (classes 22 and 23), or we cannot write them down. All else is
 * tried again later.
 */
export function isRowFault(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return true;
  const state = sqlState(error);
  return state !== undefined && (state.startsWith('22') || state.startsWith('23'));
}

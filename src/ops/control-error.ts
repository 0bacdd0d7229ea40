// What can go wrong between an operator and the engine?

export type ControlErrorCode =
  | 'in-use' // another engine listens there
  | 'disk' // no socket can be made there
  | 'absent' // nobody listens there
  | 'forbidden' // it belongs to another account
  | 'silent' // somebody listens and does not answer
  | 'refused'; // the engine did not understand, or could not yet

export class ControlError extends Error {
  readonly code: ControlErrorCode;

  constructor(code: ControlErrorCode, message: string) {
    super(message);
    this.name = 'ControlError';
    this.code = code;
  }

  /** As in sysexits.h. */
  get exitCode(): number {
    if (this.code === 'in-use') return 75;
    if (this.code === 'disk') return 78;
    return this.code === 'refused' ? 1 : 69;
  }
}

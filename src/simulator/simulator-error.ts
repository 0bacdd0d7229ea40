// What can fail when the simulated exchange meets the machine it runs on?

export class SimulatorError extends Error {
  readonly code: 'file' | 'listen';

  constructor(code: SimulatorError['code'], message: string) {
    super(message);
    this.name = 'SimulatorError';
    this.code = code;
  }
}

// What does the simulated exchange tell whoever runs it?
export interface SimulatorLog {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
}

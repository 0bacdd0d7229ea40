// What does the state directory say, and to whom? To any logger of pino's shape, one constant event name a line.

export interface StateLog {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

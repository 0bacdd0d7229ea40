// Where does storage log to? Any logger of pino's shape, one constant event name a line.

export interface Log {
  debug(fields: object, event: string): void;
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

export type LogLevel = keyof Log;

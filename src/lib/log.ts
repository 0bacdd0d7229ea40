// Where does a part of the engine log to? Any logger of pino's shape: fields first, then a constant event name.

export interface Log {
  debug(fields: object, event: string): void;
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

export type LogLevel = keyof Log;

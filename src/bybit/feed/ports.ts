// Where does the feed report to?

/** Fields first, then a constant event name, as pino has it. */
export interface Log {
  debug(fields: object, event: string): void;
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

export type Severity = 'info' | 'warning' | 'error';

/** Something worth a line in the log and a row in storage. */
export interface FeedEvent {
  readonly type: string;
  readonly severity: Severity;
  readonly symbol: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
}

export type Report = (
  type: string,
  severity: Severity,
  symbol: string | undefined,
  details: Readonly<Record<string, unknown>>,
) => void;

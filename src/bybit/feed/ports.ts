// Where does the feed report to?

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

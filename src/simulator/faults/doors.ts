// Who is let in at present? Connections that are refused or swallowed, and all of HTTP answered by somebody who is no exchange.
import type { ConnectionKind } from '../connection.ts';

export type Verdict = 'refused' | 'black-hole' | { readonly status: number };

interface Shut {
  readonly verdict: Verdict;
  readonly kind: ConnectionKind | undefined;
  readonly untilMs: number;
}

interface Down {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly untilMs: number;
}

export interface Maintenance {
  readonly beginMs: number;
  readonly endMs: number;
}

export class Doors {
  /** What the exchange's clock shows is so much later than the time. */
  skewMs = 0;
  maintenance: Maintenance | undefined;
  #shut: Shut[] = [];
  #down: Down | undefined;

  shut(verdict: Verdict, kind: ConnectionKind | undefined, untilMs: number): void {
    this.#shut = this.#shut.filter((shut) => shut.kind !== kind);
    this.#shut.push({ verdict, kind, untilMs });
  }

  /** Undefined for whoever may come in. */
  verdict(kind: ConnectionKind, nowMs: number): Verdict | undefined {
    return this.#shut.find((shut) => nowMs < shut.untilMs && (shut.kind ?? kind) === kind)?.verdict;
  }

  bringDown(status: number, contentType: string, body: string, untilMs: number): void {
    this.#down = { status, contentType, body, untilMs };
  }

  /** What every HTTP request gets in place of its answer. */
  down(nowMs: number): Down | undefined {
    return this.#down !== undefined && nowMs < this.#down.untilMs ? this.#down : undefined;
  }

  clear(): void {
    this.skewMs = 0;
    this.maintenance = undefined;
    this.#shut = [];
    this.#down = undefined;
  }
}

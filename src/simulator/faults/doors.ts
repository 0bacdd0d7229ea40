// Who is let in at present? Connections that are refused or swallowed, and all of HTTP answered by somebody who is no exchange.
import type { ConnectionKind } from '../connection.ts';
import type { HttpAnswer } from '../http.ts';

export type Verdict = 'refused' | 'black-hole' | { readonly status: number };

interface Shut {
  readonly verdict: Verdict;
  readonly kind: ConnectionKind | undefined;
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
  #down: { readonly answer: HttpAnswer; readonly untilMs: number } | undefined;

  shut(verdict: Verdict, kind: ConnectionKind | undefined, untilMs: number): void {
    this.#shut = this.#shut.filter((shut) => shut.kind !== kind);
    this.#shut.push({ verdict, kind, untilMs });
  }

  /** Undefined for whoever may come in. */
  verdict(kind: ConnectionKind, nowMs: number): Verdict | undefined {
    return this.#shut.find((shut) => nowMs < shut.untilMs && (shut.kind ?? kind) === kind)?.verdict;
  }

  bringDown(answer: HttpAnswer, untilMs: number): void {
    this.#down = { answer, untilMs };
  }

  /** What every HTTP request gets in place of its answer. */
  down(nowMs: number): HttpAnswer | undefined {
    return this.#down !== undefined && nowMs < this.#down.untilMs ? this.#down.answer : undefined;
  }

  clear(): void {
    this.skewMs = 0;
    this.maintenance = undefined;
    this.#shut = [];
    this.#down = undefined;
  }
}

// Where do events of the gateway go, and which requests are overdue? Answers go to whoever asked, reports to the actor of their
// symbol, and a link that comes up or goes down concerns all.
import type { Answer, GatewayEvent } from '../order/gateway.ts';
import type { Asked, Core } from './core.ts';
import type { Reconciler } from './account/reconciler.ts';
import { refuseKey } from './entry/refusal.ts';
import type { Reports } from './reports.ts';
import type { Roster } from './roster.ts';
import type { Valuation } from './trade/valuation.ts';

const OVERDUE = 'no answer within the deadline';

type Told<Kind extends GatewayEvent['kind']> = Extract<GatewayEvent, { kind: Kind }>;

const isWord = ({ outcome }: Answer): boolean => outcome === 'accepted' || outcome === 'refused';

export class Hearing {
  readonly #core: Core;
  readonly #roster: Roster;
  readonly #reports: Reports;
  readonly #reconciler: Reconciler;
  readonly #valuation: Valuation;

  constructor(core: Core, roster: Roster, reports: Reports, reconciler: Reconciler, valuation: Valuation) {
    this.#core = core;
    this.#roster = roster;
    this.#reports = reports;
    this.#reconciler = reconciler;
    this.#valuation = valuation;
  }

  hear(event: GatewayEvent): void {
    const core = this.#core;
    switch (event.kind) {
      case 'answer':
      case 'looked-up':
      case 'position-read':
      case 'account-read': {
        const asked = core.answeredTo(event.requestId);
        const isRead = event.kind !== 'answer';
        core.paths.noteAnswer(event.path, isRead ? event.reading.ok : isWord(event.answer), core.now.mono);
        if (!isRead && asked?.question === 'create') core.noteOrderAnswer(event.answer);
        return asked === undefined ? undefined : this.#answer(asked, event);
      }
      // Arrived before the journal was restored: it will be read again after that.
      case 'positions-seen':
        return core.isBegun ? this.#reports.seeNaked(event.positions) : undefined;
      case 'order':
        return core.isBegun ? this.#reports.order(event.report, 'stream') : undefined;
      case 'fill':
        if (!core.isBegun) return;
        this.#reconciler.foretold(event.fill);
        return this.#reports.fill(event.fill);
      case 'position':
        return core.isBegun ? this.#reports.position(event.report, 'stream') : undefined;
      case 'wallet':
        core.hearWallet(event.report);
        return this.#valuation.value();
      case 'link':
        return this.#link(event);
      case 'clock':
        return core.hearClock(event.offsetMs);
      case 'private-alive':
    }
  }

  /** The gateway must answer every request. An answer that does not come counts as missing, and is not waited for. */
  giveUpOverdue(): void {
    for (const [requestId, { question, depth = 'light', path, symbol, linkId }] of this.#core.overdue()) {
      this.#core.tell('error', 'request.overdue', symbol, { question, path });
      const failed = { ok: false, reason: OVERDUE } as const;
      const base = { requestId, path };
      if (question === 'look-up') this.hear({ ...base, kind: 'looked-up', linkId: linkId ?? '', reading: failed });
      else if (question === 'read-position') {
        this.hear({ ...base, kind: 'position-read', symbol: symbol ?? '', reading: failed });
      } else if (question === 'read-account') this.hear({ ...base, kind: 'account-read', depth, reading: failed });
      else this.hear({ ...base, kind: 'answer', answer: { outcome: 'unknown', reason: OVERDUE } });
    }
  }

  #answer(asked: Asked, event: Told<'answer' | 'looked-up' | 'position-read' | 'account-read'>): void {
    const actor = asked.symbol === undefined ? undefined : this.#roster.find(asked.symbol);
    switch (event.kind) {
      case 'answer': {
        const { answer } = event;
        if (answer.outcome === 'refused' && answer.class === 'auth')
          refuseKey(this.#core, asked.symbol, { code: answer.code, text: answer.text });
        if (asked.question === 'set-leverage') actor?.readPosition();
        else actor?.answered(event.requestId, asked, answer);
        return;
      }
      case 'looked-up':
        if (event.reading.ok) {
          for (const report of event.reading.value.orders) this.#reports.order(report, 'read');
          for (const fill of event.reading.value.fills) this.#reports.fill(fill);
        }
        return actor?.opening.lookedUp(event.linkId, event.reading);
      case 'position-read':
        if (event.reading.ok) this.#reports.checkMode(event.reading.value);
        return actor?.positionRead(event.requestId, asked, event.reading);
      case 'account-read':
        this.#reconciler.read(event.requestId, asked, event.depth, event.reading);
        this.#valuation.value();
    }
  }

  #link({ link, up, reason }: Told<'link'>): void {
    const core = this.#core;
    core.tell(up ? 'info' : 'warning', up ? 'link.up' : 'link.down', undefined, { link, reason });
    if (link !== 'private') {
      core.paths.set(link, up);
      if (!up) return;
      for (const actor of this.#roster.all()) actor.pathReturned(link);
      if (link !== 'trade-socket') this.#reconciler.pathReturned(link);
      return;
    }
    // A failed attempt to connect changes nothing: what was read since the stream ended still holds.
    const isNews = core.isPrivateUp !== up;
    core.isPrivateUp = up;
    core.guard.block('private', !up);
    if (core.isBegun && isNews) this.#reconciler.seek();
  }
}

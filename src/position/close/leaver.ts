// Who closes a position? It sends closes over the ladder of paths until the exchange says that nothing of ours is left.
import type { Ms } from '../../lib/brand.ts';
import { priceText, sizeText } from '../../market/instrument.ts';
import { CLOSES, type PositionSide } from '../../market/side.ts';
import type { Lot, Slot } from '../../market/units.ts';
import type { Answer } from '../../order/gateway.ts';
import { REDUCE_WINDOW_MS, reducingOrder } from '../../order/outbound.ts';
import type { Path } from '../../order/words.ts';
import type { Contract } from '../trade/contract.ts';
import type { Core } from '../core.ts';
import {
  ALERT_EVERY_MS,
  answered,
  attempted,
  bandEdge,
  closedNothing,
  hurried,
  overdue,
  pathsNow,
  portion,
  returned,
  startLadder,
  type Ladder,
} from './ladder.ts';
import type { ExitReason } from './reason.ts';
import { eventOfAnswer, trackOrder, type TrackedOrder } from '../entry/tracked-order.ts';

export interface Leaving {
  readonly symbol: string;
  readonly slot: Slot;
  readonly contract: Contract;
  /** Our signed lots, and whether the position also holds lots that are not ours. */
  readonly ours: number;
  readonly isShared: boolean;
  /** What the last close has taken, or what others have done since, is not told yet. */
  readonly isUntold: boolean;
  /** Of our lots, what accepted closes have taken, though no size shows it: it is not taken once more. */
  readonly taken: number;
  /** Of what is known of the size: what this close takes is in later reports. */
  readonly seq: number;
  readonly reason: ExitReason;
  /** In an emergency the entry lane is given to closes, and the role says so. */
  readonly isEmergency: boolean;
}

export class Leaver {
  readonly #core: Core;
  #ladder: Ladder;
  #alertAt: Ms;
  #begunAt: Ms | undefined;
  /** After a restart the last close may have left just before it. */
  #startedAt: Ms;
  /** When each close left that may have taken something lately, oldest first. */
  readonly #sent = new Map<string, Ms>();

  constructor(core: Core) {
    this.#core = core;
    this.#ladder = startLadder(core.now.mono);
    this.#alertAt = (core.now.mono + ALERT_EVERY_MS) as Ms;
    this.#startedAt = core.now.mono;
  }

  /** Monotonic: since when a close may leave; undefined while it waits for a reading. */
  get begunAt(): Ms | undefined {
    return this.#begunAt;
  }

  /** Monotonic: a reading tells what our closes have left if it is asked for from then on. */
  get readFrom(): Ms {
    // One of the same moment may overtake it.
    return this.mayHaveTaken ? ((this.#sentAt + 1) as Ms) : this.#startedAt;
  }

  /** Lately, by a close that may have found something. */
  get mayHaveTaken(): boolean {
    return this.#sent.size > 0;
  }

  get #sentAt(): Ms {
    return [...this.#sent.values()].at(-1) ?? this.#startedAt;
  }

  /** Sends what is due now, and returns the orders that have left. */
  act(leaving: Leaving): TrackedOrder[] {
    const core = this.#core;
    const now = core.now.mono;
    if (now >= this.#alertAt) {
      const { attempts } = this.#ladder;
      core.tell('critical', 'position.still_open', leaving.symbol, {
        attempts,
        size: sizeText(leaving.ours as Lot, leaving.contract.instrument),
        reason: leaving.reason,
      });
      this.#alertAt = (now + ALERT_EVERY_MS) as Ms;
    }
    this.#ladder = overdue(this.#ladder, now);
    for (const [linkId, at] of this.#sent) if (now - at >= REDUCE_WINDOW_MS) this.#sent.delete(linkId);
    // Of what somebody else holds there it would take what the last one has left: that is seen first (P7), or can take nothing any more.
    if (leaving.isUntold && now - this.#sentAt < REDUCE_WINDOW_MS) return [];
    if (leaving.taken === Math.abs(leaving.ours)) return [];
    this.#begunAt ??= now;
    const lane = leaving.isEmergency ? 'emergency' : 'reduce';
    const chosen = pathsNow(this.#ladder, now, (path) => core.paths.isUp(path));
    const room = core.tokens(lane);
    const isFan = chosen.length > 1;
    const paths: Path[] = [];
    for (const path of chosen)
      if (paths.length < room && (!isFan || core.paths.mayTry(path, leaving.symbol, now))) paths.push(path);
    if (paths.length === 0) return [];
    const orders = paths.map((path) => this.#send(leaving, path));
    this.#ladder = attempted(
      this.#ladder,
      paths,
      orders.map(({ linkId }) => linkId),
      isFan,
      now,
    );
    return orders;
  }

  answered(linkId: string, path: Path, answer: Answer): void {
    this.#ladder = answered(this.#ladder, linkId, path, answer, this.#core.now.mono);
    const event = eventOfAnswer(answer);
    // It has taken nothing: the next path does not wait to see what it has left.
    if (event === 'not-sent' || event === 'refused') this.#sent.delete(linkId);
  }

  /** A close of ours was accepted, is over and took nothing. */
  closedNothing(): void {
    this.#ladder = closedNothing(this.#ladder);
  }

  /** The position that is being closed has lost its stop. */
  hurry(): void {
    this.#startedAt = -Infinity as Ms;
    this.#sent.clear();
    this.#ladder = hurried(this.#ladder, this.#core.now.mono);
  }

  pathReturned(path: Path): void {
    this.#ladder = returned(this.#ladder, path, this.#core.now.mono);
  }

  #send(leaving: Leaving, path: Path): TrackedOrder {
    const core = this.#core;
    const { symbol, slot, contract, ours, isShared, taken, seq, reason, isEmergency } = leaving;
    // Of what is held, not of what was meant: a stale entry may have turned it round.
    const side: PositionSide = ours > 0 ? 'long' : 'short';
    const mark = core.options.market.mark(slot)?.tick ?? core.options.market.last(slot);
    const means = mark === undefined && this.#ladder.means === 'edge' ? 'sized' : this.#ladder.means;
    const ladder = { ...this.#ladder, means } as const;
    const lots = portion(Math.abs(ours) - taken, isShared, ladder, contract);
    const capTick = means === 'edge' && mark !== undefined ? bandEdge(side, mark, contract.bandRatio) : undefined;
    const role = isEmergency ? 'X' : 'C';
    const linkId = core.nextLinkId(role);
    const size = (count: number): string => sizeText(Math.abs(count) as Lot, contract.instrument);
    core.record({
      kind: 'CLOSE_INTENT',
      body: {
        linkId,
        symbol,
        role,
        side: CLOSES[side],
        reason,
        notional: '0',
        plan: null,
        recvWindowMs: REDUCE_WINDOW_MS,
        baselineSeq: seq,
        size: lots === 'all' ? 'all' : size(lots),
        baseline: `${ours < 0 ? '-' : ''}${size(ours)}`,
      },
    });
    core.leaves('reduce');
    const order = reducingOrder(side, { role, linkId, slot, symbol, lots, capTick });
    core.ask({ kind: 'create', order }, path, symbol, linkId);
    core.tell('info', 'close.sent', symbol, {
      linkId,
      path,
      reason,
      size: lots === 'all' ? 'all' : size(lots),
      ...(capTick === undefined ? {} : { limit: priceText(capTick, contract.instrument) }),
    });
    const tracked = trackOrder(linkId, role, 0, lots === 'all' ? undefined : lots, undefined, core.now.mono);
    tracked.state = 'sent';
    tracked.baselineSeq = seq;
    this.#sent.set(linkId, core.now.mono);
    return tracked;
  }
}

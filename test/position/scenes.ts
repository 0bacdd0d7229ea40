// Scenes that several files play: how a room comes to where their stories begin.
import type { Ms } from '../../src/lib/brand.ts';
import type { Lot } from '../../src/market/units.ts';
import type { OrderReport } from '../../src/order/words.ts';
import type { DeskEvent } from '../../src/position/desk-event.ts';
import { DeskRoom, type RoomOptions } from './desk-room.ts';
import type { Place } from './fake-exchange.ts';

const SYMBOL = 'SOLUSDT';

/** An exchange whose list leaves contracts out, and whose account shows the stops that wait. */
export class WiderRoom extends DeskRoom {
  readonly unlisted = new Set<string>();

  override take(event: DeskEvent): void {
    // The room begins before it is whole.
    if (event.kind === 'contract' && this.unlisted?.has(event.contract.instrument.symbol)) {
      this.#left.push(event);
      return;
    }
    super.take(event);
  }

  readonly #left: DeskEvent[] = [];

  /** The next list is whole. */
  list(): void {
    this.unlisted.clear();
    for (const event of this.#left.splice(0)) this.take(event);
  }
}

/** An entry that is filled while nothing is streamed and nothing can be read. */
export function enterUnseen(room: DeskRoom): Place {
  room.settleDown();
  room.exchange.faults.streamDelay = () => undefined;
  room.exchange.faults.readFails = () => true;
  room.breakout();
  const place = room.exchange.place(SYMBOL);
  room.until(() => place.lots !== 0);
  return place;
}

/** Of its entry nothing is within reach any more: only the stop that it has brought says whose it is. */
export function recoverByStop(options?: RoomOptions): { readonly room: WiderRoom; readonly place: Place } {
  const room = new WiderRoom(options).settleDown().enter();
  const place = room.exchange.place(SYMBOL);
  place.fills.length = 0;
  place.orders.clear();
  room.records.length = 0;
  room.restart();
  room.until(() => room.names().includes('position.recovered'), 20_000);
  room.until(() => room.state() === 'protected', 20_000);
  return { room, place };
}

export const THREE = { symbols: ['SOLUSDT', 'XRPUSDT', 'ADAUSDT'] };

/** The stream tells this of each order, so many ms after it has left. */
export function toldOf(room: DeskRoom, status: OrderReport['status'], afterMs: number): DeskRoom['onRequest'] {
  return (request) => {
    if (request.kind !== 'create') return;
    const { linkId, lots, symbol } = request.order;
    const quiet = {
      orderId: 'o-told',
      parentLinkId: '',
      createType: '',
      cancelType: '',
      rejectReason: '',
      filledLots: 0,
    };
    const report = {
      ...quiet,
      ...({ symbol, linkId, status, side: 'buy', isStopLoss: false, reduceOnly: false, trigger: undefined } as const),
      lots: lots as Lot,
      updatedMs: room.wall as Ms,
    };
    room.later(afterMs, () => room.take({ kind: 'gateway', event: { kind: 'order', report: report as OrderReport } }));
  };
}

// How do orders and their answers fail? Rows O of the catalogue.
import { QUERIES } from '../../src/simulator/venue/venue.ts';
import { refusal } from '../../src/simulator/venue/model.ts';
import type { RowOf } from './row.ts';
import type { SeedRoom } from './seed-room.ts';

/** Something that befalls the next entries over the trade socket, seen by what the engine then says. */
function onEntry(what: string, arm: (room: SeedRoom) => void, ...events: readonly string[]): RowOf {
  return {
    what,
    make(room, id) {
      room.hitWhenLogged(id, ...events);
      arm(room);
    },
  };
}

export const ORDER_ROWS: Readonly<Record<string, RowOf>> = {
  O01: {
    what: 'create: timeout or reset after send',
    make(room, id) {
      const { troubles } = room.world.exchange.stage;
      const kind = room.pick(['lost-answer', 'lost-request']);
      room.fault(kind, { door: 'trade', holds: 'order.create', count: 1 });
      const again = (): void => {
        if (troubles.pending(room.world.nowMs) === 0) room.hit(id);
        else room.at(50, again);
      };
      again();
    },
  },
  O02: {
    what: 'ack, then async reject/cancel',
    make(room, id) {
      room.fault('engine-reject', { count: 1 });
      room.onTruth.add(
        () =>
          [...room.truth.entries.values()].some(
            ({ status, filledLots }) => (status === 'Rejected' || status === 'Cancelled') && filledLots === 0,
          ) && room.hit(id),
      );
    },
  },
  O03: onEntry(
    'ambiguous code, 5xx, garbage body',
    (room) => {
      const kind = room.pick(['server-timeout', 'server-error', 'overloaded', 'restarting']);
      room.fault(kind, { door: 'trade', path: 'create', exists: room.rng.below(2) === 0 });
      room.fault('truncated-answer', { count: 1 });
      room.fault('gateway-error', { exists: true });
    },
    'order.unknown',
  ),
  O04: onEntry(
    'accepted order invisible for minutes',
    (room) => {
      room.fault('lost-answer', { door: 'trade', holds: 'order.create', count: 1 });
      room.fault('drop', { channel: 'private', direction: 'out', holds: '"topic":"', count: 8 });
      room.fault('reads-lag', { ms: 6_000 + room.rng.below(20_000) });
      if (room.rng.below(2) === 0) room.fault('reads-lag', { ms: room.rng.below(6_000), query: room.pick(QUERIES) });
    },
    'order.unknown',
  ),
  O05: {
    what: 'same signal twice (worker, retry, operator)',
    make(room, id) {
      room.whenLogged('entry.sent', () => {
        const { offered } = room;
        if (offered === undefined) return false;
        const twice = (): void => {
          if (!room.isListening) return;
          room.offer(offered);
          room.hit(id);
        };
        room.at(1, twice);
        room.at(3_000, twice);
      });
    },
  },
  O06: {
    what: 'partial fill then cancelled',
    make(room, id) {
      room.fault('partial-fill', { part: 0.3 + 0.4 * room.rng.next(), count: 1 });
      room.onTruth.add(
        () =>
          [...room.truth.entries.values()].some(
            ({ status, filledLots, lots }) => status === 'Cancelled' && filledLots > 0 && filledLots < lots,
          ) && room.hit(id),
      );
    },
  },
  O07: {
    what: 'fill before ack',
    make(room, id) {
      room.fault('delay', { channel: 'trade', direction: 'out', holds: 'order.create', ms: 700, count: 1 });
      let isFilled = false;
      room.onHeard.add((channel, text) => {
        if (channel === 'private' && String(text).includes('"topic":"execution')) isFilled = true;
        return channel === 'trade' && isFilled && String(text).includes('order.create') && room.hit(id);
      });
    },
  },
  O08: {
    what: 'fill with foreign id',
    make(room, id) {
      room.hitWhenLogged(id, 'order.foreign', 'position.foreign');
      const symbol = room.pick(room.symbols);
      const qty = someQty(room, symbol, 60);
      room.human('create', { symbol, side: 'Buy', orderType: 'Market', qty, orderLinkId: `x-${room.world.atMs}` });
      room.isLedgerShared = true;
    },
  },
  O09: {
    what: 'stop on wrong side when the order arrives (10001)',
    make(room, id) {
      room.hitWhenHeard(id, /"retCode":(10001|1100\d\d).*order\.create/);
      let tries = 0;
      room.whenSent('E', ({ symbol, isLong }) => {
        room.push(symbol, isLong ? -1.6 : 1.6);
        const { lastTick } = room.world.exchange.market.contract(symbol)?.matching ?? { lastTick: 0 };
        room.fault('mark-divergence', { symbol, ticks: Math.round(lastTick * (isLong ? -0.02 : 0.02)), ms: 400 });
        return (room.hits[id] ?? 0) > 0 || ++tries > 3;
      });
    },
  },
  O11: {
    what: 'qty above maxMktOrderQty on close',
    make(room, id) {
      room.whenHeld(({ symbol, ours }) => {
        const { listing, instrument } = room.world.exchange.market.contract(symbol) ?? {};
        if (listing === undefined || instrument === undefined || Math.abs(ours) < 2) return;
        const least = (Math.max(1, Math.floor(Math.abs(ours) / 2)) * instrument.lotScaled) / 10 ** instrument.lotScale;
        const before = listing.maxMktOrderQty;
        room.fault('lot-limits', { symbol, maxMktOrderQty: least.toFixed(instrument.lotScale) });
        room.command({ kind: 'close', symbol });
        room.hit(id);
        room.at(8_000, () => room.fault('lot-limits', { symbol, maxMktOrderQty: before }));
      });
    },
  },
  O12: {
    what: 'insufficient balance',
    make(room, id) {
      room.hitWhenLogged(id, 'order.rejected');
      room.world.exchange.stage.mishaps.arm(
        { executed: false, answer: refusal(110_007, 'ab not enough for new order') },
        { path: 'create' },
        1,
      );
    },
  },
  O14: {
    what: 'account in hedge mode, or switched by human',
    make(room, id) {
      room.hitWhenLogged(id, 'account.hedge_mode', 'order.unknown', 'close.refused');
      room.fault('account-state', { positionMode: 'hedge' });
      room.at(9_000, () => room.fault('account-state', { positionMode: 'one-way' }));
    },
  },
  O15: {
    what: 'account in cross margin',
    make: () => undefined,
    before(room, id) {
      room.fault('account-state', { marginMode: 'REGULAR_MARGIN' });
      room.hitWhenLogged(id, 'account.unfit');
      room.at(9_000, () => {
        room.fault('account-state', { marginMode: 'ISOLATED_MARGIN' });
        // What boot has judged is judged again by the next start.
        room.crash(100);
      });
    },
  },
  O16: {
    what: '10006 / 10429 / 403',
    make(room, id) {
      const { mishaps } = room.world.exchange.stage;
      const kind = room.pick(['rate-burst', 'rate-burst', 'overloaded']);
      room.fault(kind, { count: 3 });
      const again = (): void => {
        if (mishaps.pending < 3) room.hit(id);
        else room.at(300, again);
      };
      again();
    },
  },
  O17: {
    what: 'clock skew 10002',
    lastsMs: 9_000,
    make(room, id) {
      room.hitWhenHeard(id, /"retCode":10002/);
      room.fault('clock-skew', { skewMs: room.pick([-4_000, 8_000, -9_000]) });
      room.at(7_000, () => room.fault('clock-skew', { skewMs: 0 }));
    },
  },
  O18: {
    what: 'price band reject or silent price adjustment',
    make(room, id) {
      room.whenHeld(({ symbol }) => {
        const listing = room.world.exchange.market.contract(symbol)?.listing;
        room.fault('price-band', { symbol, ratioX: '0.0005', ratioY: '0.0005' });
        room.push(symbol, room.pick([-0.4, 0.4]));
        room.command({ kind: 'close', symbol });
        room.hit(id);
        room.at(4_000, () =>
          room.fault('price-band', { symbol, ratioX: listing?.bandX ?? '0.05', ratioY: listing?.bandY ?? '0.1' }),
        );
      });
    },
  },
  O19: {
    what: 'market close finds no liquidity',
    make(room, id) {
      room.whenHeld(({ symbol }) => {
        room.whenSent('CX', ({ symbol: closes }) => {
          if (closes !== symbol) return false;
          room.fault('partial-fill', { part: 0, count: 1 });
          return room.hit(id);
        });
        room.command({ kind: 'close', symbol });
      });
    },
  },
  O20: {
    what: 'reduce-only rejected',
    make(room, id) {
      room.hitWhenHeard(id, /"retCode":(110017|110034)/);
      const again = (): void => {
        if ((room.hits[id] ?? 0) > 0) return;
        room.whenHeld(({ symbol }) => {
          // A person is first by a hair: the close finds nothing left to reduce.
          room.fault('human-close', { symbol });
          room.at(1, () => room.command({ kind: 'close', symbol }));
          room.at(3_000, again);
        });
      };
      again();
    },
  },
  O21: {
    what: 'cancel/amend races a fill',
    drawn: { strategy: { breakout_breakeven_profit_percent: 0.13 } },
    make(room, id) {
      raceStop(room, (symbol, isLong) => {
        room.push(symbol, isLong ? -1.5 : 1.5);
        room.hit(id);
      });
    },
  },
  O22: {
    what: 'cancel-all strips stops',
    make(room, id) {
      room.whenHeld(({ symbol }) => {
        room.truth.stripped.set(symbol, room.world.nowMs);
        room.human('cancelAll', { symbol });
        room.onTruth.add(() => room.truth.place(symbol).nakedSince !== undefined && room.hit(id));
      });
    },
  },
  O23: {
    what: 'conditional/TP-SL cap reached',
    make(room, id) {
      room.whenHeld(({ symbol, ours }) => {
        const { instrument, listing } = room.world.exchange.market.contract(symbol) ?? {};
        if (instrument === undefined || listing === undefined) return;
        const price = (room.lastTick(symbol) * instrument.tickScaled) / 10 ** instrument.priceScale;
        const isLong = ours > 0;
        for (let i = 0; i < 11; i++) {
          const tick = instrument.tickScaled / 10 ** instrument.priceScale;
          const far = price * (isLong ? 1.1 : 0.9);
          const answer = room.human('create', {
            symbol,
            side: isLong ? 'Sell' : 'Buy',
            orderType: 'Market',
            qty: listing.qtyStep,
            triggerPrice: (Math.round(far / tick + i) * tick).toFixed(instrument.priceScale),
            triggerDirection: isLong ? 1 : 2,
            reduceOnly: true,
            orderLinkId: `cond-${room.world.atMs}-${i}`,
          });
          if ('code' in answer) return void room.hit(id);
        }
        room.hit(id);
      });
    },
  },
  O24: {
    what: 'symbol reduce-only, delisting, not live',
    lastsMs: 8_000,
    make(room, id) {
      const symbol = room.pick(room.symbols);
      const status = room.pick(['reduce-only', 'delisting']);
      room.fault('symbol-status', { symbol, status });
      room.hit(id);
      room.signal(symbol);
      room.at(8_000, () => room.fault('symbol-status', { symbol, status: 'trading' }));
    },
  },
  O25: {
    what: 'permission lost, IP changed mid-run',
    make(room, id) {
      room.hitWhenHeard(id, /"retCode":(33004|10010|10005)/);
      room.fault(room.pick(['permission-lost', 'ip-refused', 'key-expired']), { count: 1 + room.rng.below(4) });
    },
  },
  O26: {
    what: 'account restricted, cooling-off',
    make(room, id) {
      room.hitWhenHeard(id, /"retCode":10008/);
      room.fault('banned', { count: 1 + room.rng.below(2) });
    },
  },
  O27: {
    what: 'signal waited (queue, GC, fsync, rate)',
    make(room, id) {
      room.disk.syncMsMax = 1_500;
      room.hitWhenLogged(id, 'entry.aborted');
      room.at(10_000, () => void (room.disk.syncMsMax = 4));
    },
  },
  O28: {
    what: 'slippage on entry',
    make(room, id) {
      room.whenSent('E', ({ symbol, isLong }) => {
        room.push(symbol, isLong ? 0.15 : -0.15);
        return room.hit(id);
      });
    },
  },
  O31: {
    what: 'answer matched to the wrong request (id reuse after reconnect)',
    make(room, id) {
      // The answer of before comes to a connection that has begun to count anew.
      room.whenSent('E', () => {
        room.fault('delay', { channel: 'trade', direction: 'out', ms: 900, count: 1 });
        room.fault('duplicate', { channel: 'trade', direction: 'out', count: 3 });
        room.fault('reorder', { channel: 'trade', direction: 'out', count: 2 });
        room.at(100, () => room.fault('cut', { channel: 'trade' }));
        return room.hit(id);
      });
    },
  },
};

/** Enough to be worth an order, as a multiple of the step. */
export function someQty(room: SeedRoom, symbol: string, usdt: number): string {
  const { instrument } = room.world.exchange.market.contract(symbol) ?? {};
  if (instrument === undefined) return '1';
  const price = (room.lastTick(symbol) * instrument.tickScaled) / 10 ** instrument.priceScale;
  const step = instrument.lotScaled / 10 ** instrument.lotScale;
  return (Math.max(1, Math.ceil(usdt / price / step)) * step).toFixed(instrument.lotScale);
}

/** When the engine moves a stop, while that is on its way. The market is moved until it does. */
export function raceStop(room: SeedRoom, act: (symbol: string, isLong: boolean) => void): void {
  let isDone = false;
  room.whenStopMoved((symbol) => {
    const { ours } = room.truth.place(symbol);
    if (ours === 0) return false;
    isDone = true;
    act(symbol, ours > 0);
  });
  const lure = (): void => {
    if (isDone) return;
    const place = room.held;
    if (place !== undefined) room.push(place.symbol, place.ours > 0 ? 0.12 : -0.12);
    room.at(700, lure);
  };
  lure();
}

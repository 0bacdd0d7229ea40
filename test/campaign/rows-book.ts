// How do books and connections fail? Rows B and W of the catalogue.
import type { RowOf } from './row.ts';
import type { SeedRoom } from './seed-room.ts';

const PUBLIC = 'public';

/** A fault of the frames of one book, and what the engine says when it has met it. */
function frames(what: string, kind: string, count: number, ...events: readonly string[]): RowOf {
  return {
    what,
    make(room, id) {
      room.hitWhenLogged(id, ...events);
      const symbol = room.pick(room.symbols);
      // A book that is deaf to one delta may have just been replaced: it is tried until it is met.
      const again = (): void => {
        if ((room.hits[id] ?? 0) > 0) return;
        room.fault(kind, { symbol, depth: 50, count });
        room.at(1_500, again);
      };
      again();
    },
  };
}

function cut(room: SeedRoom, channel: string | undefined, refuseMs: number): void {
  if (refuseMs > 0) room.fault('refuse-connections', { ...(channel && { channel }), ms: refuseMs });
  room.fault('cut', { ...(channel && { channel }) });
}

/** No topic of the symbol says anything, and none can be had anew. */
export function hush(room: SeedRoom, symbol: string, ms: number): void {
  room.fault('silent-topic', { symbol, ms });
  for (const topic of [`orderbook.50.${symbol}`, `orderbook.1.${symbol}`]) room.fault('reject-topic', { topic, ms });
}

const spoken = (bytes: string | Uint8Array, word: string): boolean => Buffer.from(bytes).includes(word);

export const BOOK_ROWS: Readonly<Record<string, RowOf>> = {
  B01: frames('u ≠ previous + 1 on a delta', 'drop-delta', 1, 'book.gap', 'feed.shard_broken'),
  B03: frames('deltas out of order', 'reorder-deltas', 1, 'book.gap', 'feed.shard_broken'),
  B04: {
    what: 'delta before snapshot',
    make(room, id) {
      room.onHeard.add((channel, text) => {
        if (channel !== PUBLIC || room.life === undefined || !spoken(text, '"type":"delta"')) return false;
        const symbol = room.symbols.find((name) => spoken(text, `orderbook.50.${name}`));
        const slot = symbol === undefined ? undefined : room.life.ingest.slotOf(symbol);
        return slot !== undefined && room.life.ingest.trust(slot) === 'syncing' && room.hit(id);
      });
      // Its snapshot is lost, and the deltas come.
      room.world.tamper = (bytes) => {
        if (!spoken(bytes, 'orderbook.50.') || !spoken(bytes, '"type":"snapshot"')) return bytes;
        room.world.tamper = undefined;
        return undefined;
      };
      room.fault('drop-delta', { symbol: room.pick(room.symbols), depth: 50 });
    },
  },
  B05: {
    what: 'new snapshot mid-stream, u=1',
    make(room, id) {
      room.onHeard.add((channel, text) => channel === PUBLIC && spoken(text, '"u":1,') && room.hit(id));
      room.fault('snapshot-midstream', {});
      room.fault('restart-u1', {});
      room.at(2_000, () => room.fault('restart-u1', {}));
    },
  },
  B06: frames('crossed or locked after apply', 'crossed-book', 1, 'book.crossed'),
  B07: {
    what: 'topic silent, pongs fine',
    lastsMs: 14_000,
    make(room, id) {
      room.hitWhenLogged(id, 'book.stale');
      const symbol = room.pick(room.symbols);
      hush(room, symbol, 14_000);
    },
  },
  B08: {
    what: 'symbol truly quiet',
    lastsMs: 12_000,
    make(room, id) {
      room.whenHeld(({ symbol }) => {
        room.fault('freeze-market', { symbol, ms: 9_000 });
        room.at(8_500, () => room.hit(id));
      });
    },
  },
  B09: {
    what: 'all topics gap at once',
    make(room, id) {
      room.hitWhenLogged(id, 'feed.shard_broken');
      const again = (): void => {
        if ((room.hits[id] ?? 0) > 0) return;
        for (const symbol of room.symbols) room.fault('drop-delta', { symbol, depth: 50 });
        room.at(2_500, again);
      };
      again();
    },
  },
  B10: {
    what: 'frames of the old socket after reconnect',
    make(room, id) {
      room.onHeard.add((channel) => channel === PUBLIC && room.world.lateFrames > 0 && room.hit(id));
      const again = (): void => {
        if ((room.hits[id] ?? 0) > 0) return;
        // Three unreadable frames make the engine leave; what was on its way comes nevertheless.
        room.fault('truncate-frame', { depth: 50, count: 4 });
        room.at(4_000, again);
      };
      again();
    },
  },
  B12: {
    what: 'tick or step size changed',
    make(room, id) {
      room.hitWhenLogged(id, 'instrument.grid_changed');
      changeGrid(room, room.symbols.find((symbol) => room.truth.place(symbol).lots === 0) ?? room.pick(room.symbols));
    },
  },
  B18: {
    what: 'valid-looking wrong value',
    make(room, id) {
      room.world.tamper = (bytes) => {
        const text = bytes.toString('latin1');
        const wrong = text.replace(
          /(orderbook\.50\..*"type":"delta".*"b":\[\["[^"]+","[^"]*?)([1-9])(\.?\d*"\])/,
          (all, before: string, digit: string, after: string) =>
            room.rng.below(3) === 0 ? `${before}${(Number(digit) % 9) + 1}${after}` : all,
        );
        if (wrong === text) return bytes;
        room.world.tamper = undefined;
        room.hit(id);
        return Buffer.from(wrong, 'latin1');
      };
    },
  },
  B19: {
    what: 'wall clock jump, exchange ts in future',
    make(room, id) {
      const by = room.pick([-3_600_000, 3_600_000, 86_400_000, 1_500]);
      room.life?.clock.stepWall(by);
      room.world.acted(`wall ${by}`);
      room.hit(id);
      room.at(6_000, () => room.life?.clock.stepWall(-by));
    },
  },
  B22: {
    what: 'single absurd print',
    make(room, id) {
      room.whenHeld(({ symbol, ours }) => {
        room.hit(id);
        room.fault('spike', { symbol, percent: 3 * Math.sign(ours), ms: 30 });
      });
    },
  },
  W02: {
    what: 'main-thread stall ≥ pong timeout',
    lastsMs: 16_000,
    make(room, id) {
      room.stall(12_000);
      room.hit(id);
    },
  },
  W04: {
    what: 'connection flapping',
    drawn: { websocket: { connect_budget: 8 } },
    make(room, id) {
      room.hitWhenLogged(id, 'ws.budget_exhausted');
      const again = (): void => {
        if ((room.hits[id] ?? 0) > 0) return;
        cut(room, undefined, 0);
        room.at(1_500, again);
      };
      again();
      room.patienceMs = Math.max(room.patienceMs, 310_000);
    },
  },
  W05: {
    what: 'accepted then dropped (1006 loop)',
    lastsMs: 8_000,
    make(room, id) {
      let cuts = 0;
      const again = (): void => {
        room.fault('cut', { channel: room.pick(['public', 'private', 'trade']) });
        if (++cuts === 4) room.hit(id);
        if (cuts < 6) room.at(1_200, again);
      };
      again();
    },
  },
  W10: {
    what: 'private down, public up',
    lastsMs: 10_000,
    make(room, id) {
      room.whenLogged('link.down', ({ link }) => (link === 'private' ? room.hit(id) : false));
      cut(room, 'private', 5_000);
    },
  },
  W11: {
    what: 'public down, private up',
    lastsMs: 10_000,
    make(room, id) {
      room.whenHeld(() => {
        room.hitWhenLogged(id, 'ws.closed');
        cut(room, 'public', 6_000);
      });
    },
  },
  W12: {
    what: 'events missed between reconnects',
    make(room, id) {
      room.whenSent('E', ({ symbol }) => {
        room.fault('cut', { channel: 'private' });
        const { length } = [...room.truth.fills.keys()];
        room.onTruth.add(() => room.truth.place(symbol).ours !== 0 && room.truth.fills.size > length && room.hit(id));
      });
    },
  },
  W18: {
    what: 'announced maintenance',
    make: () => undefined,
    before(room, id) {
      room.fault('maintenance', { inMs: 590_000, ms: 5_000 });
      room.onTruth.clear();
      const again = (): void => {
        const hindered = Object.keys(room.refusals).some((refusal) => refusal.startsWith('G27'));
        if (hindered) room.hit(id);
        else room.at(500, again);
      };
      again();
    },
  },
  W19: {
    what: 'unannounced < 10 s interruption',
    lastsMs: 12_000,
    make(room, id) {
      room.whenHeld(() => {
        room.hit(id);
        room.fault('http-down', { ms: 4_000 });
        cut(room, undefined, 4_000);
      });
    },
  },
};

/** Half the tick: prices come that the old grid does not have. What is held fits on it. */
export function changeGrid(room: SeedRoom, symbol: string): boolean {
  const { listing } = room.world.exchange.market.contract(symbol) ?? {};
  if (listing === undefined) return false;
  room.judge.isGridNew = true;
  const decimals = listing.tickSize.length - listing.tickSize.indexOf('.');
  return room.fault('tick-change', { symbol, tickSize: (Number(listing.tickSize) / 2).toFixed(decimals) });
}

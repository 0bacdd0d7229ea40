// How do the engine's own process, disk, threads and loop fail? Rows R, D, A, L and C of the catalogue.
import type { RowOf } from './row.ts';
import type { SeedRoom } from './seed-room.ts';
import { configOf } from './settings.ts';
import { someQty } from './rows-order.ts';

const restartMs = (room: SeedRoom): number => 20 + room.rng.below(4_000);

/** Ends the process as soon as a record of a kind is written. */
function crashAtRecord(what: string, kind: string, inMs: (room: SeedRoom) => number): RowOf {
  return {
    what,
    make(room, id) {
      room.onRecord.add((written) => {
        if (written !== kind) return false;
        room.at(inMs(room), () => {
          if (room.crash(restartMs(room))) room.hit(id);
        });
        return true;
      });
    },
  };
}

export const ENGINE_ROWS: Readonly<Record<string, RowOf>> = {
  R01: crashAtRecord('crash after INTENT, before send', 'INTENT', () => 0),
  R02: {
    what: 'crash after send, before ack',
    make(room, id) {
      room.whenSent('E', () => {
        room.at(0, () => room.crash(restartMs(room)) && room.hit(id));
      });
    },
  },
  R04: {
    what: 'crash between entry and stop',
    make(room, id) {
      room.fault('stop-rejected', { count: 1 });
      room.onTruth.add(() => {
        if (![...room.truth.places.values()].some(({ nakedSince }) => nakedSince !== undefined)) return false;
        return room.crash(restartMs(room)) && room.hit(id);
      });
    },
  },
  R05: {
    what: 'crash while closing',
    make(room, id) {
      room.whenHeld(({ symbol }) => {
        room.whenSent('CX', () => {
          room.at(room.rng.below(3), () => room.crash(restartMs(room)) && room.hit(id));
        });
        room.command({ kind: 'close', symbol });
      });
    },
  },
  R07: {
    what: 'journal lost, new host',
    make(room, id) {
      room.whenHeld(() => {
        if (!room.crash(restartMs(room))) return;
        if (room.loseJournal()) room.hit(id);
      });
    },
  },
  R09: {
    what: 'two instances, one account',
    make(room, id) {
      room.hitWhenLogged(id, 'lease.twin');
      room.isLedgerShared = true;
      const again = (): void => {
        if ((room.hits[id] ?? 0) > 0) return;
        const symbol = room.pick(room.symbols);
        room.human('create', {
          symbol,
          side: 'Buy',
          orderType: 'Market',
          qty: someQty(room, symbol, 60),
          orderLinkId: `d1-twin-1-${room.world.atMs.toString(36)}-E`,
        });
        room.at(3_000, again);
      };
      again();
    },
  },
  R12: {
    what: 'SIGKILL or power loss at any point',
    make(room, id) {
      room.at(room.rng.below(6_000), () => room.crash(restartMs(room)) && room.hit(id));
    },
  },
  R14: {
    what: 'restart during UNKNOWN',
    make(room, id) {
      room.fault('lost-answer', { door: 'trade', holds: 'order.create', count: 1 });
      room.fault('drop', { channel: 'private', direction: 'out', holds: '"topic":"', count: 6 });
      room.onRecord.add((kind) => {
        if (kind !== 'UNKNOWN') return false;
        room.at(60, () => room.crash(restartMs(room)) && room.hit(id));
        return true;
      });
    },
  },
  R17: {
    what: 'state changes while paging',
    make(room, id) {
      manyOrders(room);
      room.onSaid.add((channel, text) => {
        if (channel !== 'rest' || !text.includes('cursor=')) return false;
        room.fault('human-open', {
          symbol: room.pick(room.symbols),
          side: 'Buy',
          qty: someQty(room, room.symbols[0] as string, 0),
        });
        for (let i = 0; i < 10; i++) room.human('cancel', { symbol: room.symbols[0], orderLinkId: `far-${i}` });
        room.isLedgerShared = true;
        return room.hit(id);
      });
      room.fault('cut', { channel: 'private' });
    },
  },
  R18: {
    what: 'default page size; many boot queries',
    make(room, id) {
      manyOrders(room);
      room.onSaid.add((channel, text) => channel === 'rest' && text.includes('cursor=') && room.hit(id));
      room.crash(100);
    },
  },
  R19: {
    what: 'loss counters only in memory',
    make(room, id) {
      room.onRecord.add((kind) => {
        if (kind !== 'COUNTERS') return false;
        room.at(200, () => {
          const { seq = 0, counters } = room.life?.trader.journal() ?? {};
          const before = JSON.stringify(counters?.['losses'] ?? null);
          // What a disk has not taken is read from the exchange again, and booked again.
          const isWritten = room.disk.isDurable(seq);
          if (before === 'null' || !room.crash(restartMs(room))) return;
          const after = room.disk.recovered().counters['losses'];
          room.judge.check(
            'REST',
            !isWritten || JSON.stringify(after) === before,
            () => `losses ${before} became ${JSON.stringify(after)}`,
          );
          room.hit(id);
        });
        return true;
      });
    },
  },
  D06: {
    what: 'journal volume full or I/O error',
    make(room, id) {
      room.whenHeld(({ symbol }) => {
        room.disk.fail();
        room.world.acted('disk full');
        room.hit(id);
        room.command({ kind: 'close', symbol });
        room.at(5_000, () => {
          room.disk.repair();
          room.life?.trader.take({ kind: 'checkpoint' });
        });
      });
    },
  },
  D07: {
    what: 'fsync returns error',
    make(room, id) {
      room.onRecord.add((kind) => {
        if (kind !== 'INTENT') return false;
        // The very sync that the entry waits for.
        room.disk.fail();
        room.world.acted('fsync failed');
        room.at(4_000, () => {
          room.disk.repair();
          room.life?.trader.take({ kind: 'checkpoint' });
        });
        return room.hit(id);
      });
    },
  },
  A04: {
    what: 'result from an old book',
    make(room, id) {
      room.signal(undefined, (made) => ({ ...made, signal: { ...made.signal, epoch: made.signal.epoch - 1 } }));
      room.signal(undefined, (made) => ({
        ...made,
        signal: { ...made.signal, receivedMs: made.signal.receivedMs - 2_000 },
      }));
      const refused = Object.keys(room.refusals).some((gate) => gate.startsWith('G0') || gate.startsWith('G1'));
      if (refused) room.hit(id);
      else room.at(700, () => ENGINE_ROWS['A04']?.make(room, id));
    },
  },
  A05: {
    what: 'result for an inactive symbol, or older than one already used',
    make(room, id) {
      room.whenLogged('entry.sent', () => {
        const { offered } = room;
        if (offered === undefined) return false;
        room.at(20, () => {
          if (!room.isListening) return;
          room.offer({ ...offered, symbol: 'GONEUSDT' });
          room.offer({ ...offered, signal: { ...offered.signal, tenancy: offered.signal.tenancy + 1 } });
          room.offer({ ...offered, signal: { ...offered.signal, receivedMs: offered.signal.receivedMs - 100 } });
          room.hit(id);
        });
      });
    },
  },
  A10: {
    what: 'all workers dead',
    make(room, id) {
      room.life?.trader.block('workers.down', true);
      room.world.acted('workers down');
      room.signal();
      room.hit(id);
      room.at(6_000, () => room.life?.trader.block('workers.down', false));
    },
  },
  L04: {
    what: 'handler swallows errors',
    make(room, id) {
      // A text of the private stream that no handler can read.
      room.onHeard.add((channel, text) => channel === 'private' && !String(text).endsWith('}') && room.hit(id));
      room.fault('truncate', { channel: 'private', direction: 'out', holds: '"topic":"', count: 2 });
    },
  },
  L06: {
    what: 'VM pause, suspend, clock step',
    lastsMs: 24_000,
    make(room, id) {
      room.hitWhenLogged(id, 'clock.gap');
      room.stall(7_000 + room.rng.below(14_000));
      if (room.rng.below(2) === 0) room.life?.clock.stepWall(room.pick([-900, 900, 120_000]));
    },
  },
  C04: {
    what: 'hot change while in position',
    make(room, id) {
      room.whenHeld(() => {
        const { life } = room;
        if (life === undefined) return;
        const { drawn } = room;
        life.config = configOf(room.symbols, {
          ...drawn,
          strategy: { ...drawn.strategy, stop_loss_grace_ms: 2_000, max_holding_minutes: 5, max_stop_percent: 0.8 },
        });
        room.world.acted('other configuration');
        room.hit(id);
      });
    },
  },
};

/** More than a page of orders that a person has resting far away. */
function manyOrders(room: SeedRoom): void {
  const symbol = room.symbols[0] as string;
  const contract = room.world.exchange.market.contract(symbol);
  if (contract === undefined) return;
  const { instrument } = contract;
  for (let i = 0; i < 55; i++) {
    const tick = Math.round(room.lastTick(symbol) * 0.995) - i;
    room.human('create', {
      symbol,
      side: 'Buy',
      orderType: 'Limit',
      price: ((tick * instrument.tickScaled) / 10 ** instrument.priceScale).toFixed(instrument.priceScale),
      qty: someQty(room, symbol, 6),
      orderLinkId: `far-${i}`,
    });
  }
}

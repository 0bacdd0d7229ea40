// How do positions and stops fail? Rows P of the catalogue.
import type { RowOf } from './row.ts';
import { changeGrid, hush } from './rows-book.ts';
import { raceStop, someQty } from './rows-order.ts';
import type { SeedRoom } from './seed-room.ts';
import type { Place } from './truth.ts';

/** The smallest order: 5 USDT. */
const DUST = 5n * 100_000_000n;

/** Something that somebody does to a position which stands. */
function toHeld(
  what: string,
  act: (room: SeedRoom, place: Place, id: string) => void,
  more: Partial<RowOf> = {},
): RowOf {
  return { what, make: (room, id) => room.whenHeld((place) => act(room, place, id)), ...more };
}

function priceOf(room: SeedRoom, symbol: string, tick: number): string {
  const { instrument } = room.world.exchange.market.contract(symbol) ?? {};
  if (instrument === undefined) throw new Error(`${symbol} is not traded`);
  return ((tick * instrument.tickScaled) / 10 ** instrument.priceScale).toFixed(instrument.priceScale);
}

export const POSITION_ROWS: Readonly<Record<string, RowOf>> = {
  P01: {
    what: 'stop missing after fill',
    make(room, id) {
      room.fault('stop-rejected', { count: 1 });
      room.onTruth.add(
        () => [...room.truth.places.values()].some(({ nakedBy }) => nakedBy === 'refused') && room.hit(id),
      );
    },
  },
  P02: toHeld('stop rejected: already breached', (room, { symbol, ours, stopTick }, id) => {
    room.strip(symbol);
    const last = room.lastTick(symbol);
    const beyond = ((Math.abs(last - (stopTick ?? last)) + 10) / last) * 100;
    room.push(symbol, beyond * -Math.sign(ours));
    room.fault('mark-divergence', { symbol, ticks: Math.round((last * beyond) / 100) * -Math.sign(ours), ms: 3_000 });
    room.hit(id);
  }),
  P03: {
    what: 'breakeven amend: outcome unknown, or 34040',
    drawn: { strategy: { breakout_breakeven_profit_percent: 0.13 } },
    make(room, id) {
      raceStop(room, () => {
        room.fault(room.pick(['lost-answer', 'lost-request']), { door: 'rest', holds: 'trading-stop', count: 1 });
        room.fault('gateway-error', { path: 'trading-stop', exists: room.rng.below(2) === 0 });
        room.hit(id);
      });
    },
  },
  P04: {
    what: 'position closed by exchange during amend',
    drawn: { strategy: { breakout_breakeven_profit_percent: 0.13 } },
    make(room, id) {
      raceStop(room, (symbol) => {
        room.fault(room.pick(['adl', 'human-close']), { symbol });
        room.hit(id);
      });
    },
  },
  P06: toHeld('liquidation or auto-deleverage', (room, { symbol }, id) => {
    const take = (taken: string): void => {
      // Of a part of it the stop has gone, and what is left stands without one.
      room.truth.stripped.set(taken, room.world.nowMs);
      room.fault('adl', { symbol: taken, part: room.pick([1, 1, 0.5, 0.1]) });
    };
    take(symbol);
    for (const place of room.truth.places.values())
      if (place.ours !== 0 && place.symbol !== symbol && room.rng.below(2) === 0) take(place.symbol);
    room.hit(id);
  }),
  P07: toHeld('human closes, adds, flips', (room, { symbol, ours }, id) => {
    const what = room.rng.below(3);
    const more = ours > 0 ? 'Buy' : 'Sell';
    const less = ours > 0 ? 'Sell' : 'Buy';
    if (what === 0) room.fault('human-close', { symbol });
    else if (what === 1) room.fault('human-open', { symbol, side: more, qty: someQty(room, symbol, 60) });
    else room.fault('human-open', { symbol, side: less, qty: someQty(room, symbol, 600) });
    room.isLedgerShared = true;
    room.hit(id);
  }),
  P08: toHeld('human moves or deletes stop', (room, { symbol, ours, stopTick = 0 }, id) => {
    const what = room.rng.below(3);
    const away = Math.max(2, Math.round(stopTick * 0.0005));
    room.truth.place(symbol).isMeddled ||= what === 1;
    if (what === 0) room.strip(symbol);
    else {
      const tick = stopTick + away * Math.sign(ours) * (what === 1 ? -1 : 1);
      room.human('tradingStop', {
        symbol,
        stopLoss: priceOf(room, symbol, tick),
        tpslMode: 'Full',
        positionIdx: 0,
        slTriggerBy: 'MarkPrice',
      });
    }
    room.hit(id);
  }),
  P09: {
    what: 'foreign position',
    lastsMs: 14_000,
    make(room, id) {
      const symbol = room.symbols.find(
        (name) => room.truth.place(name).lots === 0 && room.truth.place(name).live.size === 0,
      );
      if (symbol === undefined) return;
      room.fault('human-open', { symbol, side: room.pick(['Buy', 'Sell']), qty: someQty(room, symbol, 100) });
      room.onTruth.add(() => room.truth.place(symbol).foreignSince !== undefined && room.hit(id));
      room.signal(symbol);
    },
  },
  P10: {
    what: 'dust below min qty',
    symbols: 4,
    make(room, id) {
      // Of the one contract here whose step is worth less than the smallest order.
      const symbol = 'XRPUSDT';
      room.onTruth.add(() => {
        const { position, lots, ours } = room.truth.place(symbol);
        return ours !== 0 && lots === ours && position !== undefined && position.entryValue < DUST && room.hit(id);
      });
      const again = (): void => {
        if ((room.hits[id] ?? 0) > 0) return;
        room.fault('partial-fill', { part: 0.01, count: 1 });
        room.signal(symbol);
        room.at(1_500, again);
      };
      again();
    },
  },
  P11: {
    what: 'funding settlement',
    beforeFundingMs: 9_000,
    isQuiet: true,
    lastsMs: 12_000,
    drawn: { strategy: { max_holding_minutes: 30, breakout_breakeven_profit_percent: 0.5 } },
    make(room, id) {
      for (const symbol of room.symbols) room.fault('funding-rate', { symbol, rate: room.pick(['0.001', '-0.001']) });
      room.onTruth.add(
        () => [...room.truth.fills.values()].some(({ execution }) => execution.type === 'Funding') && room.hit(id),
      );
    },
  },
  P12: toHeld('corporate action, multiplier change', (room, { symbol }, id) => {
    if (changeGrid(room, symbol)) room.hit(id);
  }),
  P13: toHeld(
    'delisting settlement without order',
    (room, { symbol }, id) => {
      // Who is not there when it happens finds a contract that no list names any more.
      const isDead = room.rng.below(2) === 0 && room.crash(1_000);
      room.fault('symbol-status', { symbol, status: 'closed' });
      room.onTruth.add(
        () => [...room.truth.fills.values()].some(({ execution }) => execution.type === 'Settle') && room.hit(id),
      );
      room.at(9_000, () => {
        const status = room.life?.trader.status();
        // Nor does one that stands still ask for it.
        if (isDead && status?.reconciledAt !== undefined && room.life?.clock.isStalled === false)
          room.judge.check(
            'REST',
            !status.blocks.includes('contract.unknown'),
            () => `${symbol} was settled, and nobody knows its contract`,
          );
        room.fault('symbol-status', { symbol, status: 'trading' });
      });
    },
    { lastsMs: 12_000 },
  ),
  P14: toHeld('monitor task dies silently', (room, _place, id) => {
    // The wake-ups that the desk has asked for are lost; its second hand must do.
    room.life?.clock.loseTimers(100);
    room.hit(id);
  }),
  P15: toHeld(
    'exit rule on stale data',
    (room, { symbol }, id) => {
      room.hitWhenLogged(id, 'book.stale');
      hush(room, symbol, 12_000);
      room.push(symbol, room.pick([-0.2, 0.2]));
    },
    { lastsMs: 14_000 },
  ),
  P16: toHeld('close fills partly', (room, { symbol }, id) => {
    room.whenSent('CX', ({ symbol: closes }) => {
      if (closes !== symbol) return false;
      room.fault('partial-fill', { part: 0.4, count: 1 });
      return room.hit(id);
    });
    room.command({ kind: 'close', symbol });
  }),
  P17: toHeld('emergency close, one path dead', (room, _place, id) => {
    const dead = room.pick(['trade', 'rest-1', 'rest-2'] as const);
    room.world.shut(dead, room.pick(['refused', 'silent']), 9_000);
    if (dead === 'trade') room.fault('half-open', { channel: 'trade' });
    room.command({ kind: 'flatten' });
    room.hit(id);
  }),
  P18: toHeld('close failed, memory cleared', (room, { symbol }, id) => {
    room.whenSent('CX', ({ symbol: closes }) => {
      if (closes !== symbol) return false;
      room.fault('engine-reject', { count: 1 + room.rng.below(3) });
      return room.hit(id);
    });
    room.command({ kind: 'close', symbol });
  }),
  P19: toHeld(
    '30 s rule fired by own stall or one quiet topic',
    (room, { symbol }, id) => {
      if (room.rng.below(2) === 0) room.stall(31_000);
      else {
        hush(room, symbol, 34_000);
      }
      room.hit(id);
    },
    { lastsMs: 42_000 },
  ),
  P20: toHeld(
    'blips reset the 30 s timer',
    (room, _place, id) => {
      room.fault('refuse-connections', { channel: 'private', ms: 36_000 });
      room.fault('half-open', { channel: 'private' });
      for (const host of ['rest-1', 'rest-2'] as const) room.world.shut(host, 'silent', 9_500);
      for (let blip = 1; blip < 4; blip++)
        room.at(blip * 9_700, () => {
          for (const host of ['rest-1', 'rest-2'] as const) room.world.shut(host, 'silent', 9_500);
          room.hit(id);
        });
    },
    { lastsMs: 46_000 },
  ),
  P21: toHeld('stop, exit rule and kill fire together', (room, { symbol, ours }, id) => {
    room.push(symbol, -1.5 * Math.sign(ours));
    room.command({ kind: 'close', symbol });
    room.command({ kind: 'kill' });
    room.hit(id);
  }),
  P22: toHeld('leverage or auto-margin changed by human', (room, { symbol }, id) => {
    room.human('setLeverage', { symbol, buyLeverage: '5', sellLeverage: '5' });
    room.hit(id);
  }),
};

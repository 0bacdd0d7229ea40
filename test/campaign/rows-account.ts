// How do market, limits and operators press the engine? Rows X and Y of the catalogue.
import { refusal } from '../../src/simulator/venue/model.ts';
import { ASK, BID } from '../../src/market/side.ts';
import type { RowOf } from './row.ts';
import type { SeedRoom } from './seed-room.ts';
import { feedConfig } from '../../src/engine/feed-config.ts';

const HOSTS = ['rest-1', 'rest-2'] as const;
/** Small enough that one lost stop is a bad day. */
const SMALL_USDT = 600;
const POOR = {
  trading: { position_size_usd: 150, max_exposure_percent: 100, max_concurrent_positions: 2, leverage: 10 },
  safety: { max_daily_loss_percent: 0.2 },
} as const;

function impoverish(room: SeedRoom): void {
  room.transfer(SMALL_USDT - 10_000);
}

/** Every position runs into its stop until the day is lost. */
function loseTheDay(room: SeedRoom, lost: () => void): void {
  let isLost = false;
  room.whenLogged('risk.daily_loss', () => {
    isLost = true;
    lost();
  });
  const again = (): void => {
    if (isLost) return;
    const place = room.held;
    if (place !== undefined) room.push(place.symbol, -1.2 * Math.sign(place.ours));
    room.at(1_000, again);
  };
  again();
}

export const ACCOUNT_ROWS: Readonly<Record<string, RowOf>> = {
  X01: {
    what: 'symbol halted, delivering, closed',
    lastsMs: 9_000,
    make(room, id) {
      const halt = (symbol: string, status: string): void => {
        room.fault('freeze-market', { symbol, ms: 8_000 });
        room.fault('symbol-status', { symbol, status });
        room.signal(symbol);
        room.hit(id);
        room.at(8_000, () => room.fault('symbol-status', { symbol, status: 'trading' }));
      };
      if (room.rng.below(2) === 0)
        return halt(
          room.symbols.find((name) => room.truth.place(name).lots === 0) ?? room.pick(room.symbols),
          'closed',
        );
      // What is held stands there: neither its stop nor a close does anything until it trades again.
      room.whenHeld(({ symbol }) => {
        halt(symbol, 'suspended');
        const acts = [
          () => room.command({ kind: 'close', symbol }),
          () => room.crash(500),
          () => room.command({ kind: 'kill' }),
          () => room.strip(symbol),
        ];
        room.at(room.rng.below(2_000), room.pick(acts));
        room.at(room.rng.below(2_000), room.pick(acts));
      });
    },
  },
  X02: {
    what: 'instrument list read one page only',
    make(room, id) {
      room.whenHeld(({ symbol }) => {
        // The next start reads a list in which the held symbol is missing.
        room.world.unlisted.add(symbol);
        room.crash(100);
        const again = (): void => {
          if (!room.world.unlisted.has(symbol)) room.hit(id);
          else room.at(200, again);
        };
        again();
      });
    },
  },
  X03: {
    what: 'rotation drops a symbol with a position',
    lastsMs: 14_000,
    make(room, id) {
      room.whenHeld(({ symbol }) => {
        const { life } = room;
        if (life === undefined) return;
        const others = room.symbols.filter((name) => name !== symbol);
        const { universe, updateMs } = feedConfig(life.config);
        life.feed.changeRules({ ...universe, symbols: others }, updateMs);
        room.world.acted(`rotation without ${symbol}`);
        room.at(11_500, () => {
          if (room.truth.place(symbol).ours !== 0 && room.life === life)
            room.judge.check(
              'REST',
              life.ingest.slotOf(symbol) !== undefined,
              () => `${symbol} is held and no longer watched`,
            );
          room.hit(id);
        });
        room.at(13_000, () => life.feed.changeRules(universe, updateMs));
      });
    },
  },
  X04: {
    what: 'violent move + exchange slow + API errors together',
    make(room, id) {
      room.whenHeld(({ symbol, ours }) => {
        const { world } = room;
        const [before, most] = [world.hopMsMin, world.hopMsMax];
        world.hopMsMin = 300;
        world.hopMsMax = 900;
        room.at(8_000, () => {
          world.hopMsMin = before;
          world.hopMsMax = most;
        });
        room.fault('liquidation-wave', { symbol, side: ours > 0 ? 'Buy' : 'Sell', percent: 3, ms: 3_000 });
        room.fault('gateway-error', { status: 503, count: 4 });
        room.fault('server-timeout', { count: 2, exists: true });
        room.hit(id);
      });
    },
  },
  X06: {
    what: 'risk limit lowered, position reduce-only',
    make(room, id) {
      room.whenHeld(({ symbol }) => {
        room.fault('risk-limited', { symbol, limited: true });
        room.hit(id);
        room.at(6_000, () => room.fault('risk-limited', { symbol, limited: false }));
      });
    },
  },
  X08: {
    what: 'spoofed density vanishes between signal and send',
    make(room, id) {
      room.hitWhenLogged(id, 'entry.aborted');
      room.disk.syncMsMax = 300;
      room.at(9_000, () => void (room.disk.syncMsMax = 4));
      const again = (): void => {
        if ((room.hits[id] ?? 0) > 0) return;
        room.onRecord.add((kind) => {
          if (kind !== 'INTENT') return false;
          const { symbol = '' } = room.offered ?? {};
          room.fault('pull-walls', { symbol, side: room.offered?.signal.side === BID ? 'bid' : 'ask' });
          room.push(symbol, room.offered?.signal.side === ASK ? -0.3 : 0.3);
          return true;
        });
        room.at(1_500, again);
      };
      again();
    },
  },
  Y01: {
    what: 'daily loss limit',
    drawn: POOR,
    lastsMs: 10_000,
    before: impoverish,
    make: (room, id) => loseTheDay(room, () => room.hit(id)),
  },
  Y02: {
    what: 'runaway loop, reject storm',
    isQuiet: true,
    lastsMs: 14_000,
    make(room, id) {
      room.hitWhenLogged(id, 'risk.runaway');
      // Of a class that keeps neither the symbol nor the account back for a minute.
      const answer = refusal(10_002, 'invalid request, please check your server timestamp or recv_window param');
      room.world.exchange.stage.mishaps.arm({ executed: false, answer }, { door: 'trade', path: 'create' }, 14);
      const again = (): void => {
        if ((room.hits[id] ?? 0) > 0) return;
        for (const symbol of [...room.symbols, ...room.symbols]) room.signal(symbol);
        room.at(300, again);
      };
      again();
    },
  },
  Y04: {
    what: 'kill switch (API, file, signal)',
    make(room, id) {
      room.whenHeld(() => {
        if (room.rng.below(2) === 0) room.command({ kind: 'kill' });
        else {
          room.disk.isKilled = true;
          room.life?.trader.facts({ killedByFile: true });
          room.world.acted('the file KILL');
        }
        room.hit(id);
        if (room.rng.below(2) === 0) room.at(300, () => room.crash(500));
      });
    },
  },
  Y05: {
    what: 'kill while exchange unreachable',
    lastsMs: 12_000,
    make(room, id) {
      room.whenHeld(() => {
        for (const host of HOSTS) room.world.shut(host, room.pick(['refused', 'silent']), 7_000);
        room.fault('refuse-connections', { ms: 7_000 });
        room.fault(room.pick(['half-open', 'cut']), {});
        room.command({ kind: 'kill' });
        room.hit(id);
      });
    },
  },
  Y06: {
    what: 'restart to dodge limits',
    drawn: POOR,
    lastsMs: 12_000,
    before: impoverish,
    make(room, id) {
      loseTheDay(room, () => {
        room.isResumeOff = true;
        room.at(300, () => {
          if (!room.crash(300)) return void (room.isResumeOff = false);
          if (room.rng.below(2) === 0) room.loseJournal();
          room.at(4_000, () => {
            room.isResumeOff = false;
            const status = room.life?.trader.status();
            if (status === undefined) return;
            // What was lost for a moment, while a position was open, no account tells a new host.
            const isForgotten = room.isJournalLost && room.held !== undefined;
            const isUntold = status.reconciledAt === undefined || room.isLedgerShared || isForgotten;
            room.judge.check(
              'REST',
              // What the disk did not take it finds again in the account, and enters nothing before that is read.
              status.blocks.includes('risk.daily_loss') || isUntold,
              () => `after a restart blocked by ${status.blocks.join()} only`,
            );
            room.hit(id);
          });
        });
      });
    },
  },
  Y08: {
    what: 'loss computed on stale mark',
    lastsMs: 16_000,
    make(room, id) {
      // A trade would tell that the ticker is dead.
      const silence = (symbol: string): void => {
        for (const kind of ['tickers', 'publicTrade'])
          room.fault('silent-topic', { topic: `${kind}.${symbol}`, ms: 15_000 });
      };
      room.whenHeld(({ symbol }) => {
        silence(symbol);
        room.whenLogged('block.added', ({ reason }) => (reason === 'mark.stale' ? room.hit(id) : false));
        const again = (): void => {
          if ((room.hits[id] ?? 0) > 0) return;
          if (room.held !== undefined) silence(room.held.symbol);
          room.at(500, again);
        };
        again();
      });
    },
  },
  Y10: {
    what: 'mode flaps',
    lastsMs: 8_000,
    make(room, id) {
      let flaps = 0;
      const again = (): void => {
        room.life?.trader.block('flap', flaps % 2 === 0);
        room.world.acted('flap');
        if (++flaps === 4) room.hit(id);
        if (flaps < 8) room.at(700, again);
      };
      again();
    },
  },
};

// Does the doctor see what is wrong with machine, database, exchange and account, and does he leave nothing behind?
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Setup } from '../../../src/bybit/gateway/setup.ts';
import { positionChecks, setupChecks, walletChecks } from '../../../src/cli/doctor/account.ts';
import { diskCheck, nodeCheck } from '../../../src/cli/doctor/machine.ts';
import { snakeKey } from '../../../src/config/camel.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { systemClock } from '../../../src/lib/clock.ts';
import { priceText, sizeText, usdt } from '../../../src/market/instrument.ts';
import { BID } from '../../../src/market/side.ts';
import type { Lot, NotionalUnits, Tick, Usdt } from '../../../src/market/units.ts';
import type { AccountReading } from '../../../src/order/gateway.ts';
import { lockState } from '../../../src/state/lock.ts';
import { DISK_FREE_MIN } from '../../../src/risk/limits.ts';
import type { Contract } from '../../../src/simulator/contract.ts';
import type { Placed } from '../../../src/simulator/venue/venue.ts';
import type { Order } from '../../../src/simulator/venue/model.ts';
import { startEmbedded } from '../../../src/store/server/launcher.ts';
import { withClient } from '../../../src/store/session.ts';
import { migrate } from '../../../src/store/write/migrate.ts';
import { ownFolder } from '../../own-folder.ts';
import { memoryLog } from '../../store/fixtures.ts';
import { POOLER, refusing } from '../../store/refusing.ts';
import { configOf } from '../../config-of.ts';
import { MAIN } from '../../program.ts';
import { diagnose, DoctorRoom, type Diagnosis } from './doctor-room.ts';

let room: DoctorRoom;

beforeEach(async () => {
  room = await DoctorRoom.open();
});
afterEach(async () => {
  await room.close();
});

const FEW = ['market.min_24h_volume=0', 'market.min_age_days=0', 'trading.mode=off'];

describe('an account that is as it must be', () => {
  test('passes, over every stream, and nothing is changed', async () => {
    const sets = [...FEW, 'market.symbols=[DOGEUSDT, SOLUSDT]'];
    const found = await room.visit({ key: 'simkey', sets });
    expect(found.checks.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    expect(found).toMatchObject({ ok: true, code: 0 });
    expect(found.said('account', 'ok')).toMatch(/^\d+: unified, isolated margin; the key may trade and may not move/);
    expect(found.said('public stream', 'ok')).toContain('first book of');
    expect(found.said('private stream', 'ok')).toContain('logged in and answering');
    expect(found.said('trade stream', 'ok')).toContain('logged in');
    expect(found.said('position mode', 'ok')).toBe('one-way');
    expect(found.said('positions', 'ok')).toBe('nothing is open');
    expect(found.said('wallet', 'ok')).toBe('10000 USDT, 10000 of it free');
    expect(found.said('clock', 'ok')).toContain('ms ahead');
    expect(found.said('size', 'ok')).toContain('is enough for all');
    expect(room.exchange.exchange.ledger.since(0).filter((line) => JSON.stringify(line).includes('order'))).toEqual([]);
    expect(existsSync(room.stateDir)).toBe(false);
  });

  test('is not asked for without keys, and that is said', async () => {
    const found = await room.visit({ sets: FEW });
    expect(found.code).toBe(0);
    expect(found.said('keys', 'skipped')).toMatch(
      /^trading\.mode \w+ needs none; .*BYBIT_API_KEY \(exchange\.api_key_env\) is empty/,
    );
    for (const name of ['private stream', 'trade stream', 'account', 'positions'])
      expect(found.said(name, 'skipped')).toBe('there are no keys');
    expect(found.said('public stream', 'ok')).toContain('first book');
  });

  test('has its public side looked at also where live trading lacks its keys', async () => {
    const found = await room.visit({ sets: [...FEW, 'trading.mode=live', 'exchange.environment=demo'] });
    expect(found.code).toBe(1);
    expect(found.said('keys', 'fail')).toContain('BYBIT_API_KEY');
    expect(found.said('public stream', 'ok')).toContain('first book');
    expect(found.said('account', 'skipped')).toBe('there are no keys');
  });

  test('needs keys where real orders are wanted', async () => {
    const found = await room.visit({ sets: [...FEW, 'trading.mode=live'] });
    expect(found.said('keys', 'fail')).toContain('put the API key there');
    expect(found.code).toBe(1);
  });
});

describe('a key', () => {
  test.each([
    ['simkey-withdraw', 'move money out'],
    ['simkey-readonly', 'read-only'],
  ])('%s is refused: %s', async (key, why) => {
    const found = await room.visit({ key, sets: FEW });
    expect(found.code).toBe(1);
    expect(found.said('account', 'fail')).toContain(why);
  });

  test('that is bound to no address is told to end', async () => {
    const found = await room.visit({ key: 'simkey-unbound', sets: FEW });
    expect(found.said('key expiry', 'warn')).toContain('bound to no address');
    expect(found.code).toBe(0);
  });

  test('that the exchange does not know fails everywhere, and is seen nowhere', async () => {
    const canary = { BYBIT_API_KEY: 'canary-key-1234', BYBIT_API_SECRET: 'canary-secret-1234' };
    const found = await room.visit({ sets: FEW, env: canary });
    expect(found.code).toBe(1);
    expect(found.said('account', 'fail')).toMatch(/^the API key is refused: 10003 /);
    expect(found.said('private stream', 'fail')).toContain('login refused');
    expect(JSON.stringify(found)).not.toContain('canary');
  });
});

describe('an account that is not fit', () => {
  test.each([
    [{ marginMode: 'REGULAR_MARGIN' }, 'account', 'margin mode is cross'],
    [{ disconnectProtection: true }, 'account', 'disconnect protection'],
  ])('%o is told', async (state, name, why) => {
    await room.fault('account-state', state);
    const found = await room.visit({ key: 'simkey', sets: FEW });
    expect(found.code).toBe(1);
    expect(found.said(name, 'fail')).toContain(why);
  });

  test('in hedge mode is told with its symbols', () => {
    const setup: Setup = {
      key: {
        userId: '7',
        isReadOnly: false,
        mayOrder: true,
        maySetPositions: true,
        mayWithdraw: false,
        isUnified: true,
        addresses: ['127.0.0.1'],
        expiresMs: undefined,
      },
      marginMode: 'isolated',
      accountStatus: 5,
      cancelsOnDisconnect: false,
      symbols: [
        { symbol: 'SOLUSDT', leverage: 1_000, isOneWay: false },
        { symbol: 'DOGEUSDT', leverage: 1_000, isOneWay: true },
      ],
      takerFees: new Map(),
      maintenance: (['scheduled', 'completed', 'canceled'] as const).map((state) => {
        return { title: 'upgrade', state, beginMs: 1_000 as Ms, endMs: 2_000 as Ms };
      }),
    };
    const checks = setupChecks(setup);
    expect(checks.filter(({ verdict }) => verdict === 'fail')).toEqual([
      { name: 'position mode', verdict: 'fail', text: 'hedge mode: SOLUSDT', remedy: 'switch to one-way mode' },
    ]);
    expect(checks.filter(({ verdict }) => verdict === 'warn')).toMatchObject([{ name: 'maintenance' }]);
    const ending = [13, 15].flatMap((days) =>
      setupChecks({ ...setup, key: { ...setup.key, expiresMs: (systemClock.wall() + days * 86_400_000) as Ms } }),
    );
    expect(ending.filter(({ name }) => name === 'key expiry').map(({ verdict }) => verdict)).toEqual(['warn', 'ok']);
  });

  test('with a position of ours fails only where no stop stands, and is worth its balance and what is open together', () => {
    const fills = [{ symbol: 'SOLUSDT', linkId: 'd1-test-1-1-E' }];
    const wallet = { balance: 10_000_000_000n, free: 5_000_000_000n, unrealised: -3_000_000_000n };
    const held = (stop: object | undefined): AccountReading =>
      ({ positions: [{ symbol: 'SOLUSDT', lots: -5, stop }], fills, wallet }) as unknown as AccountReading;
    const stood = held({ tick: 15_000, by: 'mark' });
    expect(positionChecks(stood)).toMatchObject([
      { verdict: 'ok', text: 'SOLUSDT short is ours, and its stop is in place' },
    ]);
    expect(positionChecks(held(undefined))).toMatchObject([
      { verdict: 'fail', text: 'SOLUSDT short is ours and has NO STOP at the exchange' },
    ]);
    expect(walletChecks(stood, configOf([]), [])[0]).toMatchObject({ text: '70 USDT, 50 of it free' });
  });

  test('a position that a person has opened is named, and its missing stop', async () => {
    await room.fault('human-open', { symbol: 'SOLUSDT', side: 'Buy', qty: '1.0' });
    const found = await room.visit({ key: 'simkey', sets: FEW });
    expect(found.said('positions', 'warn')).toContain('SOLUSDT long without a stop was opened by no order of this');
    expect(found.code).toBe(0);
  });

  test('a wallet that is too small for one position is told, and nothing is told twice', async () => {
    const sets = [...FEW, 'trading.position_size_usd=900', 'safety.emergency_close_all=false'];
    const found = await room.visit({ key: 'simkey', sets });
    const settings = found.checks.filter(({ verdict, remedy }) => verdict !== 'ok' && remedy !== undefined);
    expect(settings.map(({ name, text }) => `${name} ${text}`)).toEqual([
      'configuration safety.emergency_close_all',
      'wallet trading.max_exposure_percent',
    ]);
    expect(found.said('wallet', 'fail')).toContain('trading.max_exposure_percent');
    expect(found.code).toBe(1);
  });
});

describe('the exchange', () => {
  test.each([
    [3_000, /is (2\d|30)\d\d ms ahead.*NTP/],
    [-3_000, /is -(30|2\d)\d\d ms ahead.*NTP/],
  ])('whose clock is %i ms from ours is told with the offset', async (skewMs, told) => {
    await room.fault('clock-skew', { skewMs });
    const found = await room.visit({ sets: FEW });
    expect(found.said('clock', 'fail')).toMatch(told);
  });

  test('that is not there fails at once and does not hang', async () => {
    const found = await room.visit({
      key: 'simkey',
      sets: ['rest=http', 'public=ws', 'private=ws', 'trade=ws'].map((one) => {
        const [name, scheme] = one.split('=');
        return `exchange.endpoints.${name}=${scheme}://127.0.0.1:1`;
      }),
    });
    expect(found.code).toBe(1);
    for (const name of ['clock', 'market', 'public stream', 'private stream', 'trade stream', 'account'])
      expect(found.said(name, 'fail'), name).not.toBe('');
  });

  test('that takes no sockets is told by stream, and the rest is looked at all the same', async () => {
    await room.fault('refuse-connections', { ms: 600_000 });
    const found = await room.visit({ key: 'simkey', sets: FEW });
    for (const name of ['public stream', 'private stream', 'trade stream'])
      expect(found.said(name, 'fail'), name).not.toBe('');
    expect(found.said('account', 'ok')).not.toBe('');
  });

  test('with nothing that 0.1 USDT could buy says the smallest size that would work', async () => {
    const found = await room.visit({ sets: [...FEW, 'trading.position_size_usd=0.1'] });
    expect(found.said('size', 'fail')).toMatch(/position_size_usd: no watched symbol .* give at least \d+\.\d+/);
    expect(found.code).toBe(1);
  });

  test('that lists nothing to watch fails', async () => {
    const found = await room.visit({ sets: ['market.symbols=[NOPEUSDT]'] });
    expect(found.said('market', 'fail')).toContain('0 would be watched');
    expect(found.said('market', 'warn')).toContain('not listed: NOPEUSDT');
  });
});

describe('the order path', () => {
  const visit = (flags: readonly string[] = ['--orders']) => room.visit({ key: 'simkey', sets: FEW, flags });
  /** As the exchange itself has it. */
  const nothingIsLeft = (): void => {
    expect(room.held()).toEqual([]);
    const uid = room.exchange.keys[0]?.uid as number;
    const open = room.exchange.market.venue.openOrders(uid, {});
    expect(open).toEqual([]);
  };

  test('both kinds of entry go there, the stop stood, and nothing is left', async () => {
    const found = await visit();
    expect(found.checks.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
    const said = found.said('order path', 'ok').split('\n');
    expect(said).toEqual([
      expect.stringMatching(/^IOC limit over trade-socket: .* has cancelled itself$/),
      expect.stringMatching(/^IOC limit over rest-1: .* has cancelled itself$/),
      expect.stringMatching(/^market order over trade-socket: .* was filled$/),
      expect.stringMatching(/^the stop at [\d.]+ by mark stood with the position/),
      expect.stringMatching(/^closing .* was taken$/),
      expect.stringMatching(/^nothing is left of it in /),
    ]);
    nothingIsLeft();
  });

  test('a stop that the exchange refuses is seen, and the position is closed', async () => {
    await room.fault('stop-rejected', { count: 10 });
    const found = await visit();
    expect(found.code).toBe(1);
    expect(found.said('order path', 'fail')).toContain('there is none');
    expect(found.said('order path', 'ok')).toContain('nothing is left');
    nothingIsLeft();
  });

  test.each([
    // The third order is the market entry: it was filled, and nobody said so, at first not even what the account holds.
    ['lost-answer', { door: 'trade', holds: '-3"', count: 1 }, 0],
    ['lost-answer', { door: 'trade', holds: '-3"', count: 1 }, 3_500],
    ['lost-request', { door: 'rest', holds: 'reduceOnly', count: 1 }, 0],
  ])('%s %o, and reads that are %i ms old: whatever became of it, nothing is left', async (kind, given, ms) => {
    await room.fault(kind, given);
    await room.fault('reads-lag', { ms });
    const found = await visit();
    await room.fault('reads-lag', { ms: 0 });
    expect(found.code).toBe(1);
    expect(found.said('order path', 'ok')).toContain('nothing is left');
    nothingIsLeft();
  });

  /** What the exchange is told by the trial's own orders, as it tells it. */
  const onOrder = (hear: (order: Order) => void): void => {
    room.exchange.market.venue.onEvent((event) => {
      if (event.kind === 'order' && event.order.linkId.startsWith('doctor-')) hear(event.order);
    });
  };

  test.each(['SIGINT', 'SIGHUP'] as const)(
    '%s while the position stands ends the look only when it is closed, and what is left is told',
    async (signal) => {
      const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
      onTestFinished(() => kill.mockRestore());
      onOrder(({ type, filledLots }) => {
        if (type === 'Market' && filledLots > 0) process.emit(signal, signal);
      });
      const told: string[] = [];
      let atEnd: unknown;
      kill.mockImplementation((_, by) => {
        if (by === signal) atEnd = { held: room.held(), told: told.join('') };
        return true;
      });
      await room.visit({ key: 'simkey', sets: FEW, flags: ['--orders'], onPrint: (text) => told.push(text) });
      expect(atEnd).toEqual({ held: [], told: expect.stringContaining('nothing is left of it in ') as string });
    },
  );

  test('with --json what was found is printed, once, before a signal that waited for the orders ends the process', async () => {
    const kill = vi.spyOn(process, 'kill').mockReturnValue(true);
    onTestFinished(() => kill.mockRestore());
    let told = '';
    let atEnd = '';
    kill.mockImplementation((_, by) => {
      if (by === 'SIGINT') atEnd = told;
      return true;
    });
    onOrder(({ type, filledLots }) => {
      if (type === 'Market' && filledLots > 0) process.emit('SIGINT', 'SIGINT');
    });
    await room.visit({ key: 'simkey', sets: FEW, flags: ['--orders', '--json'], onPrint: (text) => (told += text) });
    const { checks } = JSON.parse(atEnd) as Diagnosis;
    expect(checks.at(-1)).toMatchObject({ name: 'order path', verdict: 'ok' });
  });

  test('an order is worth a tenth more than the least that is taken, for the price may fall while it is under way', async () => {
    const worth: Usdt[] = [];
    onOrder(({ type, tick, lots, instrument }) => {
      if (type === 'Limit') worth.push(usdt((tick * lots) as NotionalUnits, instrument));
    });
    await visit();
    expect(Math.min(...worth)).toBeGreaterThanOrEqual(5.5);
  });

  test('a limit that is filled, where the price falls that far while it is under way, is told and closed', async () => {
    await room.fault('late-acceptance', { door: 'rest', ms: 500, holds: '-2"' });
    let isFallen = false;
    onOrder(({ instrument, tick }) => {
      if (isFallen) return;
      isFallen = true;
      const { market } = room.exchange;
      const { outsider, matching } = market.contract(instrument.symbol) as Contract;
      while (matching.book.best[BID] > tick * 0.99) outsider.push(-100, market.nowMs);
    });
    const found = await visit();
    expect(found.code).toBe(1);
    expect(found.said('order path', 'fail')).toContain('should have been cancelled and is filled: do not trade here');
    expect(found.said('order path', 'ok')).toContain('nothing is left');
    nothingIsLeft();
  });

  test.each([
    ['at another price', 0.99, 'MarkPrice', /was attached, and it stands at [\d.]+ by mark: do not trade here/],
    ['by another price', 1, 'LastPrice', /was attached, and it stands at [\d.]+ by last: do not trade here/],
  ])('a stop that stands %s is told with where it stands', async (_, part, slTriggerBy, told) => {
    const { venue } = room.exchange.market;
    const end = venue.onEvent((event) => {
      if (event.kind !== 'position' || event.position.stopLoss === undefined) return;
      end();
      const { uid, instrument, stopLoss } = event.position;
      const price = priceText(Math.floor(stopLoss.tick * part) as Tick, instrument);
      const wanted = { category: 'linear', symbol: instrument.symbol, tpslMode: 'Full', positionIdx: 0 };
      queueMicrotask(() => void venue.tradingStop(uid, { ...wanted, stopLoss: price, slTriggerBy }));
    });
    const found = await visit();
    expect(found.code).toBe(1);
    expect(found.said('order path', 'fail')).toMatch(told);
    nothingIsLeft();
  });

  test('does not say that nothing is left while an order stands', async () => {
    const { venue } = room.exchange.market;
    let person: { uid: number; orderId: string; symbol: string } | undefined;
    onOrder(({ uid, type, lots, instrument, lastTickOnCreated }) => {
      if (type !== 'Market' || person !== undefined) return;
      const { symbol } = instrument;
      const price = priceText(Math.floor(lastTickOnCreated * 0.9) as Tick, instrument);
      const wish = { category: 'linear', symbol, side: 'Buy', orderType: 'Limit', timeInForce: 'GTC', positionIdx: 0 };
      const placed = venue.create(uid, { ...wish, price, qty: sizeText((2 * lots) as Lot, instrument) });
      person = { uid, symbol, orderId: (placed as Placed).orderId };
    });
    const looks = vi.spyOn(venue, 'openOrders');
    let said = '';
    const visited = visit().then((found) => (said = found.said('order path', 'ok')));
    await expect.poll(() => person !== undefined && room.held().length === 0).toBe(true);
    const before = looks.mock.calls.length;
    await expect.poll(() => looks.mock.calls.length).toBeGreaterThan(before + 2);
    expect(said).toBe('');
    venue.cancel(person?.uid as number, { category: 'linear', ...person });
    expect(await visited).toContain('nothing is left');
  });

  test('does not touch a symbol in which there is a position', async () => {
    const used = ['DOGEUSDT', 'SOLUSDT'];
    for (const symbol of used) await room.fault('human-open', { symbol, side: 'Buy', qty: '1' });
    await expect
      .poll(() => room.held().map(({ instrument }) => instrument.symbol))
      .toEqual(expect.arrayContaining(used));
    const before = room.held().map(({ instrument, lots }) => [instrument.symbol, lots]);
    await visit();
    expect(room.held().map(({ instrument, lots }) => [instrument.symbol, lots])).toEqual(before);
  });

  test('an entry that the exchange takes and then refuses is told, over each path and of each kind', async () => {
    await room.fault('engine-reject', { count: 10 });
    const found = await visit();
    expect(found.code).toBe(1);
    expect(found.said('order path', 'fail').split('\n')).toEqual([
      expect.stringMatching(/^IOC limit over trade-socket: .* should have been cancelled and is rejected/),
      expect.stringMatching(/^IOC limit over rest-1: .* should have been cancelled and is rejected/),
      expect.stringMatching(/^market order over trade-socket: .* was taken, but it is rejected with nothing filled/),
    ]);
    nothingIsLeft();
  });

  test('goes over REST alone where the trade stream takes nobody', async () => {
    await room.fault('refuse-connections', { channel: 'trade', ms: 600_000 });
    const found = await visit();
    expect(found.said('trade stream', 'fail')).not.toBe('');
    expect(found.said('order path', 'ok').split('\n')).toEqual([
      expect.stringMatching(/^IOC limit over rest-1: /),
      expect.stringMatching(/^market order over rest-1: /),
      expect.stringMatching(/^the stop at /),
      expect.stringMatching(/^closing /),
      expect.stringMatching(/^nothing is left /),
    ]);
    nothingIsLeft();
  });

  test('goes to the next cheapest contract where the cheapest has no book that can be read', async () => {
    const sets = [...FEW, 'market.symbols=[DOGEUSDT, SOLUSDT]'];
    const ordered = async (): Promise<string> =>
      (await room.visit({ key: 'simkey', sets, flags: ['--orders'] })).said('order path');
    const said = await ordered();
    const [cheapest, next] = said.includes('DOGEUSDT') ? ['DOGEUSDT', 'SOLUSDT'] : ['SOLUSDT', 'DOGEUSDT'];
    await room.fault('truncated-answer', { holds: `"s":"${cheapest}"`, count: 100 });
    expect(await ordered()).toContain(`nothing is left of it in ${next}`);
    await room.fault('truncated-answer', { holds: `"s":"${next}"`, count: 100 });
    expect(await ordered()).toMatch(/^no book of 2 can be read \(\w+: .*; \w+: .*\): try again$/);
  });

  test('does not touch a symbol in which an order rests', async () => {
    const { market, keys } = room.exchange;
    const uid = keys[0]?.uid as number;
    const { matching, instrument } = market.contract('DOGEUSDT') as Contract;
    const price = priceText(Math.floor(matching.lastTick * 0.9) as Tick, instrument);
    const wish = { category: 'linear', symbol: 'DOGEUSDT', side: 'Buy', orderType: 'Limit', timeInForce: 'GTC' };
    market.venue.create(uid, { ...wish, positionIdx: 0, price, qty: '100' });
    await expect.poll(() => market.venue.openOrders(uid, {}).length).toBe(1);
    const sets = [...FEW, 'market.symbols=[DOGEUSDT, SOLUSDT]'];
    const found = await room.visit({ key: 'simkey', sets, flags: ['--orders'] });
    expect(found.said('order path', 'ok')).toContain('nothing is left of it in SOLUSDT');
    expect(market.venue.openOrders(uid, {})).toHaveLength(1);
  });

  test('is not tried with an account that is not fit for it, nor without one', async () => {
    await room.fault('account-state', { marginMode: 'REGULAR_MARGIN' });
    expect((await visit()).said('order path')).toBe('the account is not fit for it');
    const stranger = await room.visit({ sets: FEW, flags: ['--orders'] });
    expect(stranger.said('order path', 'skipped')).toBe('there are no keys');
  });

  test('is not tried beside an engine that trades with the same state', async () => {
    await mkdir(room.stateDir, { mode: 0o700 });
    const lock = await lockState(room.stateDir, systemClock, () => undefined);
    const found = await visit();
    expect(found.said('order path', 'fail')).toContain('stop it first');
    expect(found.said('lock', 'warn')).toContain(`process ${process.pid} runs here, and does not answer`);
    await lock.release();
  });

  test.each([
    ['mainnet', 'only on simulator and demo'],
    ['testnet', 'only on simulator and demo'],
    ['demo', 'another address than its own'],
  ])('is refused on %s, at an address that may be any, before anything is looked at', async (environment, why) => {
    const found = await room.visit({ flags: ['--orders'], sets: [`exchange.environment=${environment}`] });
    expect(found.code).toBe(64);
    expect(found.err).toContain(why);
    expect(found.checks).toEqual([]);
  });
});

describe('the machine', () => {
  test('is told what of the configuration cannot work, each key by its name', async () => {
    const found = await room.visit({ sets: [...FEW, 'trading.leverage=100', 'strategy.max_cost_to_stop_ratio=0.1'] });
    expect(found.code).toBe(1);
    expect(found.said('configuration', 'fail')).toContain('trading.leverage: at 100 ×');
    expect(found.said('configuration', 'fail')).toContain('strategy.max_cost_to_stop_ratio: fees of');
  });

  test('is told that a lost connection closes nothing also where the configuration is fit for all but trading', async () => {
    const poor = ['market.symbols=[DOGEUSDT]', 'trading.mode=paper', 'paper.starting_balance_usd=50'];
    const found = await room.visit({ sets: [...poor, 'safety.emergency_close_all=false'] });
    expect(found.said('configuration', 'fail')).toContain('trading.max_exposure_percent');
    expect(found.checks.filter(({ text }) => text === 'safety.emergency_close_all')).toHaveLength(1);
  });

  test('with a mistake in the configuration goes no further', async () => {
    await writeFile(path.join(room.dir, 'config.yaml'), 'trading:\n  modus: live\n');
    const found = await room.visit();
    expect(found.code).toBe(1);
    expect(found.said('configuration', 'fail')).toContain('config.yaml:2:3');
    expect(found.said('everything else', 'skipped')).not.toBe('');
  });

  test('says which variables give keys away, in which the exchange is not asked, and which files others can read', async () => {
    await writeFile(path.join(room.dir, '.env'), 'BYBIT_API_KEY=x\n');
    await chmod(path.join(room.dir, '.env'), 0o644);
    await mkdir(room.stateDir);
    await chmod(room.stateDir, 0o755);
    const found = await room.visit({ sets: FEW, env: { NODE_TLS_REJECT_UNAUTHORIZED: '0', BYBITTRACE: '1' } });
    expect(found.said('environment', 'fail')).toContain('BYBITTRACE');
    expect(found.said('environment', 'fail')).toContain('NODE_TLS_REJECT_UNAUTHORIZED=0');
    expect([found.code, found.checks.at(-1)]).toMatchObject([1, { name: 'exchange', verdict: 'skipped' }]);
    expect(found.said('environment', 'warn')).toContain('chmod 600');
    expect(found.said('state', 'warn')).toContain('chmod 700');
    expect(readdirSync(room.stateDir)).toEqual([]);
  });

  test('to trade without an address of the account fails, with what is to be named', async () => {
    const { restUrl, publicUrl, keys } = room.exchange;
    const named = [`exchange.endpoints.rest=${restUrl}`, `exchange.endpoints.public=${publicUrl}`];
    const sets = [...FEW, 'database.mode=off', ...named];
    const { key = '', secret = '' } = keys[0] ?? {};
    const env = { BYBIT_API_KEY: key, BYBIT_API_SECRET: secret };
    const watches = await diagnose(room.dir, sets, [], env);
    const trades = await diagnose(room.dir, sets, ['--orders'], env);
    for (const name of ['private stream', 'trade stream', 'account', 'positions']) {
      expect(watches.said(name, 'skipped')).toContain('exchange.endpoints.private is missing');
      expect(trades.said(name, 'fail')).toContain('exchange.endpoints.private is missing');
    }
    expect(trades.said('order path', 'fail')).toContain('name the private stream');
    expect([watches.code, trades.code]).toEqual([0, 1]);
  });

  test('tells of a latched kill, and of a state that is no directory', async () => {
    await mkdir(room.stateDir, { mode: 0o700 });
    await writeFile(path.join(room.stateDir, 'KILL'), 'by hand\n');
    expect((await room.visit({ sets: FEW })).said('kill switch', 'warn')).toContain('by hand');
    await rm(room.stateDir, { recursive: true });
    await writeFile(room.stateDir, '');
    expect((await room.visit({ sets: FEW })).said('state', 'fail')).toContain('is no directory');
  });

  test('that runs out of disk is told before nothing is entered any more, and when it is so', () => {
    const verdict = (free: number): string => diskCheck(free).verdict;
    expect([DISK_FREE_MIN - 1, DISK_FREE_MIN, 5 * DISK_FREE_MIN - 1, 5 * DISK_FREE_MIN].map(verdict)).toEqual([
      'fail',
      'warn',
      'warn',
      'ok',
    ]);
    expect(diskCheck(DISK_FREE_MIN / 2)).toMatchObject({
      text: '0.5 GiB are free',
      remedy: 'make room: below 1 GiB nothing is entered',
    });
  });

  test('names its Node where it is another than the tested one', () => {
    expect(nodeCheck('v24.21.0').verdict).toBe('ok');
    expect(nodeCheck('v22.20.0').verdict).toBe('warn');
  });

  test('knows every key by the name that stands in the file', () => {
    expect(['positionSizeUsd', 'min24hVolume', 'leverage'].map(snakeKey)).toEqual([
      'position_size_usd',
      'min_24h_volume',
      'leverage',
    ]);
  });
});

describe('the database', () => {
  /** Others make their trials in the folder of all at the same time. */
  async function ownTemp(): Promise<string> {
    const own = await mkdtemp(path.join(tmpdir(), 'plotnost-trial-'));
    await chmod(own, 0o755); // run as root, the server is another account's
    vi.stubEnv('TMPDIR', own);
    onTestFinished(async () => {
      vi.unstubAllEnvs();
      await rm(own, { recursive: true });
    });
    return own;
  }

  test('that has never run is tried elsewhere, and leaves nothing', async () => {
    const own = await ownTemp();
    const found = await room.visit({ sets: [...FEW, 'database.mode=embedded'] });
    expect(found.said('database', 'ok')).toMatch(/^PostgreSQL 18\..* starts on this machine; nothing is stored yet$/);
    expect(found.said('timescaledb', 'ok')).toContain('native partitions');
    expect(readdirSync(own)).toEqual([]);
    expect(existsSync(room.stateDir)).toBe(false);
  });

  test('that is just being tried is cleared away before Ctrl-C ends the look', async () => {
    const own = await ownTemp();
    // A group of its own, as on a terminal: Ctrl-C is for all in it.
    const doctor = spawn(process.execPath, ['--no-warnings', MAIN, 'doctor', '--state-dir', room.stateDir], {
      detached: true,
      stdio: 'ignore',
    });
    const ended = once(doctor, 'close');
    await expect.poll(() => readdirSync(own, { recursive: true }).length).toBeGreaterThan(3);
    process.kill(-(doctor.pid as number), 'SIGINT');
    expect(await ended).toEqual([null, 'SIGINT']);
    expect(readdirSync(own)).toEqual([]);
  });

  test('of yours that does not answer is told with its address', async () => {
    const env = { DB_USER: 'somebody', DB_PASSWORD: 'canary' };
    const found = await room.visit({ sets: [...FEW, 'database.mode=external', 'database.port=1'], env });
    expect(JSON.stringify(found)).not.toContain('canary');
    expect(found.said('database', 'fail')).toContain('is a PostgreSQL at localhost:1 with a database plotnost');
    expect(found.code).toBe(1);
  });

  test('behind a pooler is told for what it is, and not looked for elsewhere', async () => {
    const pooler = createServer(refusing(POOLER)).listen(0, '127.0.0.1');
    onTestFinished(() => void pooler.close());
    await once(pooler, 'listening');
    const { port } = pooler.address() as AddressInfo;
    const sets = [...FEW, 'database.mode=external', 'database.host=127.0.0.1', `database.port=${port}`];
    const found = await room.visit({ sets, env: { DB_USER: 'somebody', DB_PASSWORD: 'canary' } });
    expect(found.said('database', 'fail')).toMatch(/unsupported startup parameter.*: name the server itself/);
  });

  test('says what its tables are to come to: applied at the next start, not for this account, of a newer version', async () => {
    await mkdir(room.stateDir, { mode: 0o700 });
    const server = await startEmbedded({ stateDir: room.stateDir }, memoryLog().log);
    onTestFinished(() => server.stop());
    const embedded = [...FEW, 'database.mode=embedded'];
    expect((await room.visit({ sets: embedded })).said('tables', 'ok')).toMatch(
      /^\d+ steps are applied at the next start$/,
    );
    await withClient(server.connection, async (client) => {
      await client.query('CREATE ROLE guest LOGIN');
      const { host = '', database = '' } = server.connection;
      const external = [...FEW, 'database.mode=external', `database.host=${host}`, `database.name=${database}`];
      const guest = await room.visit({ sets: external, env: { DB_USER: 'guest', DB_PASSWORD: 'none' } });
      expect(guest.said('tables', 'fail')).toMatch(
        /^\d+ steps are to come, and this account may not .*: GRANT USAGE, CREATE ON SCHEMA public TO guest$/,
      );
      expect(guest.code).toBe(1);
      await migrate(client, 'up');
      const stranger = await room.visit({ sets: external, env: { DB_USER: 'guest', DB_PASSWORD: 'none' } });
      expect(stranger.said('tables', 'fail')).toBe(
        'permission denied for table migrations: make the account the owner of the database and of its tables',
      );
      expect((await room.visit({ sets: embedded })).said('tables', 'ok')).toMatch(/^all \d+ steps are applied$/);
      await client.query("INSERT INTO migrations (name, run_on) VALUES ('9999_of-tomorrow', now())");
      await client.query(`
        INSERT INTO pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
        VALUES (4826117, 'timescaledb', 10, 'public'::regnamespace, false, '2.26.0')`);
    });
    const old = await room.visit({ sets: embedded });
    expect(old.said('tables', 'fail')).toContain('a newer version of this program (9999_of-tomorrow): use that one');
    expect(old.code).toBe(1);
    expect(old.said('timescaledb', 'ok')).toMatch(/^2\.26\.0, licence .*; it came after our tables, which stay native/);
  });

  test('that is off is no fault', async () => {
    expect((await room.visit({ sets: FEW })).said('database', 'skipped')).toContain('nothing is stored');
  });
});

test('without any setting it looks at an exchange of its own, and tries the order path there', async () => {
  const found = await diagnose(ownFolder(), ['database.mode=off'], ['--orders'], {});
  expect(found.checks.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  expect(found.said('exchange', 'ok')).toContain('started for this');
  expect(found.said('order path', 'ok')).toContain('nothing is left');
});

// What do boot and `doctor` learn of an account, and what refuses to start at all?
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createBybitWires } from '../../../src/bybit/gateway/bybit-wires.ts';
import { type ApiKeys, keysFromEnvironment } from '../../../src/bybit/gateway/keys.ts';
import { type Maintenance, maintenanceTimes, type Setup } from '../../../src/bybit/gateway/setup.ts';
import { FIT } from './fit-account.ts';
import { unfitReasons } from '../../../src/bybit/gateway/unfit.ts';
import type { Ms } from '../../../src/lib/brand.ts';
import { endpointsOf, GatewayRoom, SOL } from './room.ts';
import { body, ScriptedRoom } from './scripted.ts';

let room: GatewayRoom;
const NOW = 1_786_310_820_000;
const DAY_MS = 86_400_000;

beforeAll(async () => {
  room = await GatewayRoom.ready();
});
afterAll(() => room.close());
afterEach(() => {
  delete process.env.BYBITTRACE;
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
});

async function setup(symbols: readonly string[] = [SOL]): Promise<Setup> {
  const reading = await room.gateway.readSetup(symbols);
  if (!reading.ok) throw new Error(reading.reason);
  return reading.value;
}

test('a fresh account is fit to be traded', async () => {
  const { key, takerFees, ...rest } = await setup();
  expect(key).toMatchObject({
    isReadOnly: false,
    mayOrder: true,
    maySetPositions: true,
    mayWithdraw: false,
    isUnified: true,
  });
  expect(key.expiresMs).toBeGreaterThan(Date.now());
  expect(takerFees.get(SOL)).toBe('0.00055');
  expect(rest).toEqual({
    marginMode: 'isolated',
    accountStatus: 6,
    cancelsOnDisconnect: false,
    symbols: [{ symbol: SOL, leverage: 1_000, isOneWay: true }],
    maintenance: [],
  });
});

test('somebody has switched margin mode and disconnect protection (O15)', async () => {
  await room.fault('account-state', { marginMode: 'REGULAR_MARGIN', disconnectProtection: true });
  expect(await setup()).toMatchObject({ marginMode: 'cross', cancelsOnDisconnect: true });
  await room.fault('account-state', { marginMode: 'ISOLATED_MARGIN', disconnectProtection: false });
});

test('more symbols than fit into one second are read all the same', async () => {
  const symbols = Array.from({ length: 60 }, () => SOL);
  expect((await setup(symbols)).symbols).toHaveLength(60);
});

test.each([
  [
    { marginMode: 'PORTFOLIO_MARGIN', unifiedMarginStatus: 5 },
    { marginMode: 'portfolio', accountStatus: 5 },
  ],
  [
    { marginMode: 'NEXT_MARGIN', unifiedMarginStatus: '6' },
    { marginMode: 'unknown', accountStatus: 6 },
  ],
  [{}, { marginMode: 'unknown', accountStatus: 0 }],
])('an account of which is told %o is this, and nothing better: %o (O15)', async (told, facts) => {
  const scripted = await ScriptedRoom.up();
  const reading = scripted.gateway.readSetup([]);
  for (const put of scripted.put) put.reply(body(put.question.path === '/v5/account/info' ? told : {}));
  expect(await reading).toMatchObject({ ok: true, value: facts });
});

test('half of the facts are none', async () => {
  await room.fault('server-error', { path: '/v5/account/info' });
  expect(await room.gateway.readSetup([SOL])).toMatchObject({
    ok: false,
    reason: expect.stringContaining('/v5/account/info: 10016'),
    keyRefused: undefined,
  });
});

test.each([
  ['DERIVATIVES', 'ON', true],
  ['DERIVATIVES', 'OFF', false],
  ['SPOT', 'ON', false],
  ['OPTIONS', 'ON', false],
  [undefined, 'ON', true],
])(
  'disconnect protection of %s that is %s would cancel our stops: %s',
  async (product, dcpStatus, cancelsOnDisconnect) => {
    const scripted = await ScriptedRoom.up();
    const reading = scripted.gateway.readSetup([]);
    const dcpInfos = [
      { product: 'SPOT', dcpStatus: 'OFF' },
      { product, dcpStatus, timeWindow: '10' },
    ];
    for (const put of scripted.put) put.reply(body({ dcpInfos }));
    expect(await reading).toMatchObject({ ok: true, value: { cancelsOnDisconnect } });
  },
);

const UNREAD = { ok: false, keyRefused: undefined };

test.each([
  [
    'fees, disconnect protection and maintenance',
    ['fee-rate', 'query-dcp-info', 'status'],
    { ok: true, value: { marginMode: 'isolated', cancelsOnDisconnect: false, maintenance: [] } },
  ],
  ['the key', ['query-api'], UNREAD],
  ['the margin mode', ['info'], UNREAD],
])('the demo environment may have no endpoint for %s', async (_, missing, read) => {
  const scripted = await ScriptedRoom.up();
  const reading = scripted.gateway.readSetup([]);
  for (const put of scripted.put) {
    const isMissing = missing.includes(put.question.path.split('/').at(-1) ?? '');
    put.reply(isMissing ? body({}, 10_032) : body({ marginMode: 'ISOLATED_MARGIN' }));
  }
  expect(await reading).toMatchObject(read);
});

test('of a symbol in hedge mode is told that it is no longer one way, and its leverage to the hundredth', async () => {
  const scripted = await ScriptedRoom.up();
  const reading = scripted.gateway.readSetup([SOL, 'ADAUSDT']);
  const rows = [1, 2].map((positionIdx) => ({ positionIdx, leverage: '12.5' }));
  for (const put of scripted.put) {
    const { path, params } = put.question;
    put.reply(body(path === '/v5/position/list' && params.symbol === 'ADAUSDT' ? { list: rows } : {}));
  }
  expect(await reading).toMatchObject({
    ok: true,
    value: {
      symbols: [
        { symbol: SOL, leverage: 0, isOneWay: true },
        { symbol: 'ADAUSDT', leverage: 1_250, isOneWay: false },
      ],
    },
  });
});

test('a fee that is no number is none, not one of 0; a rebate is one (B11)', async () => {
  const scripted = await ScriptedRoom.up();
  const reading = scripted.gateway.readSetup([]);
  const rates = { A: '0.00055', B: '', C: null, D: ' ', E: '5.5e-4', F: '0x1', G: '-0.0001', H: '0' };
  const list = Object.entries(rates).map(([symbol, takerFeeRate]) => ({ symbol, takerFeeRate }));
  for (const put of scripted.put) {
    const { path, params } = put.question;
    // The exchange has other rates for spot.
    put.reply(body(path === '/v5/account/fee-rate' && params.category === 'linear' ? { list } : {}));
  }
  const found = await reading;
  expect(found.ok && [...found.value.takerFees]).toEqual([
    ['A', '0.00055'],
    ['G', '-0.0001'],
    ['H', '0'],
  ]);
});

test('maintenance of spot, options or spreads alone is none of ours, nor is that of the demo service (G27)', async () => {
  const scripted = await ScriptedRoom.up();
  const reading = scripted.gateway.readSetup([]);
  const rows = {
    futures: { product: [1], env: 1 },
    spot: { product: [2] },
    all: { product: [1, 2, 3, 4], env: '1' },
    others: { product: [2, 3, 4] },
    unsaid: { product: [] },
    texts: { product: ['1', '2'] },
    demo: { product: [1, 2, 3, 4], env: 2 },
    demoAsText: { product: [1], env: '2' },
    nameless: {},
    someOf: { product: [1], uidSuffix: [3] },
  };
  const list = Object.entries(rows).map(([title, row]) => ({ title, state: 'ongoing', ...row }));
  for (const put of scripted.put) put.reply(body(put.question.path === '/v5/system/status' ? { list } : {}));
  const found = await reading;
  const titles = found.ok && found.value.maintenance.map(({ title }) => title);
  expect(titles).toEqual(['futures', 'all', 'unsaid', 'texts', 'nameless', 'someOf']);
});

test('maintenance of demo accounts, or of accounts whose ids end otherwise, is none of ours (G27)', async () => {
  const scripted = await ScriptedRoom.up();
  const reading = scripted.gateway.readSetup([]);
  const rows = { real: { env: 1 }, demo: { env: 2 }, us: { uidSuffix: [3, 9] }, them: { uidSuffix: [3] }, all: {} };
  const list = Object.entries(rows).map(([title, row]) => ({ title, state: 'ongoing', product: [1], ...row }));
  const answers: Readonly<Record<string, object>> = {
    '/v5/system/status': { list },
    '/v5/user/query-api': { userID: 1_448_939 },
  };
  for (const put of scripted.put) put.reply(body(answers[put.question.path] ?? {}));
  const found = await reading;
  const titles = found.ok && found.value.maintenance.map(({ title }) => title);
  expect(titles).toEqual(['real', 'us', 'all']);
});

test.each([
  [
    {},
    {
      isReadOnly: true,
      mayOrder: false,
      maySetPositions: false,
      mayWithdraw: false,
      isUnified: false,
      addresses: [],
      expiresMs: undefined,
    },
  ],
  [
    {
      userID: 24_617_703,
      readOnly: 0,
      uta: 1,
      permissions: { ContractTrade: ['Position'], Wallet: ['AccountTransfer'] },
      ips: ['203.0.113.7'],
      expiredAt: '1970-01-01T00:00:00Z',
    },
    {
      userId: '24617703',
      isReadOnly: false,
      mayOrder: false,
      maySetPositions: true,
      mayWithdraw: true,
      isUnified: true,
      addresses: ['203.0.113.7'],
      expiresMs: undefined,
    },
  ],
  [
    { permissions: { ContractTrade: ['Order'], Wallet: [] }, ips: ['*'], expiredAt: '2026-11-29T00:00:00Z' },
    { mayOrder: true, maySetPositions: false, mayWithdraw: false, addresses: [], expiresMs: 1_795_910_400_000 },
  ],
  [{ readOnly: 2 }, { isReadOnly: true }],
  [{ permissions: { ContractTrade: ['Order'], Wallet: [], FiatP2P: ['FiatP2POrder'] } }, { mayWithdraw: true }],
  [{ permissions: { ContractTrade: ['Order'], FiatBitPay: ['FaitPayOrder'] } }, { mayWithdraw: true }],
  [{ permissions: { ContractTrade: ['Order'], FiatP2P: [], Earn: ['Earn'] } }, { mayWithdraw: false }],
])('a key of which is told %o is this: %o (S02)', async (told, facts) => {
  const scripted = await ScriptedRoom.up();
  const reading = scripted.gateway.readSetup([]);
  for (const put of scripted.put) put.reply(body(put.question.path === '/v5/user/query-api' ? told : {}));
  const found = await reading;
  expect(found.ok && found.value.key).toMatchObject(facts);
});

test('maintenance is read with its state; of a state that nobody knows nothing is taken for over (G27)', async () => {
  const scripted = await ScriptedRoom.up();
  const reading = scripted.gateway.readSetup([]);
  const states = ['scheduled', 'ongoing', 'completed', 'canceled', 'postponed'];
  const list = states.map((state) => ({ title: 'upgrade', state, begin: '1786310820000', end: '1786310880000' }));
  for (const put of scripted.put) put.reply(body(put.question.path === '/v5/system/status' ? { list } : {}));
  const found = await reading;
  expect(found.ok && found.value.maintenance).toEqual(
    ['scheduled', 'ongoing', 'completed', 'canceled', 'unknown'].map((state) => ({
      title: 'upgrade',
      state,
      beginMs: 1_786_310_820_000,
      endMs: 1_786_310_880_000,
    })),
  );
});

test('of maintenance everything counts that is neither over nor called off (G27)', () => {
  const maintenance = (state: Maintenance['state'], beginMs: number): Maintenance => ({
    title: 'upgrade',
    state,
    beginMs: beginMs as Ms,
    endMs: (beginMs + 100) as Ms,
  });
  const told = [
    maintenance('completed', 1_000),
    maintenance('scheduled', 2_000),
    maintenance('canceled', 3_000),
    maintenance('unknown', 4_000),
  ];
  expect(maintenanceTimes(told)).toEqual([
    { fromMs: 2_000, untilMs: 2_100 },
    { fromMs: 4_000, untilMs: 4_100 },
  ]);
});

test('maintenance that is under way lasts until it is told to be over, whatever end was expected (G27, W18)', () => {
  const under = { title: 'upgrade', state: 'ongoing', beginMs: 500 as Ms, endMs: 900 as Ms } as const;
  const endless = { ...under, state: 'scheduled', endMs: 0 as Ms } as const;
  expect(maintenanceTimes([under])).toEqual([{ fromMs: 500, untilMs: Infinity }]);
  expect(maintenanceTimes([endless])).toEqual([{ fromMs: 500, untilMs: Infinity }]);
});

test('keys come from the environment by their configured names, or the name of the missing one is told', () => {
  const env = { KEY: ' k ', SECRET: 's', EMPTY: '' };
  expect(keysFromEnvironment(env, 'KEY', 'SECRET')).toEqual({ key: 'k', secret: 's' });
  expect(keysFromEnvironment(env, 'NONE', 'SECRET')).toContain('NONE');
  expect(keysFromEnvironment(env, 'KEY', 'EMPTY')).toContain('EMPTY');
});

test('nobody trades with a client that prints keys, without TLS checks, without keys, or without a private stream (S12)', () => {
  const endpoints = endpointsOf(room.exchange);
  const keys: ApiKeys = { key: 'k', secret: 's' };
  process.env.BYBITTRACE = '1';
  expect(() => createBybitWires(endpoints, keys, Date.now)).toThrow('BYBITTRACE');
  delete process.env.BYBITTRACE;
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
  expect(() => createBybitWires(endpoints, keys, Date.now)).toThrow('NODE_TLS_REJECT_UNAUTHORIZED');
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  expect(() => createBybitWires(endpoints, { key: '', secret: '' }, Date.now)).toThrow('API key');
  expect(() => createBybitWires({ ...endpoints, private: undefined }, keys, Date.now)).toThrow('private');
});

test.each([
  [{}, {}, ''],
  [{}, { accountStatus: 6 }, ''],
  [{ mayWithdraw: true }, {}, 'move money out'],
  [{ isReadOnly: true }, {}, 'read-only'],
  [{ mayOrder: false }, {}, 'may not trade contracts'],
  [{ maySetPositions: false }, {}, 'may not trade contracts'],
  [{ isUnified: false }, {}, 'not a unified one'],
  [{ expiresMs: (NOW + 3 * DAY_MS) as Ms }, {}, ''],
  [{ expiresMs: (NOW + 2 * DAY_MS) as Ms }, {}, 'key ends within two days'],
  [{ expiresMs: (NOW - 1) as Ms }, {}, 'key ends within two days'],
  [{}, { accountStatus: 4 }, 'not a unified one'],
  [{}, { marginMode: 'cross' }, 'margin mode is cross'],
  [{}, { marginMode: 'unknown' }, 'margin mode is unknown'],
  [{}, { cancelsOnDisconnect: true }, 'disconnect protection'],
] as const)(
  'a key of %o and an account of %o: what speaks against trading it is ‘%s’ (S02, O14, O25, W17)',
  (key, account, reason) => {
    const reasons = unfitReasons({ ...FIT, ...account, key: { ...FIT.key, ...key } }, NOW as Ms);
    expect(reasons).toHaveLength(reason === '' ? 0 : 1);
    expect(reasons.join()).toContain(reason);
  },
);

// What happens to the desk in a bad week? Chance trades, breaks, restarts and meddles; the truth is looked at after every event.
import { createRng, type Rng } from '../../src/lib/rng.ts';
import { moneyFromDecimal } from '../../src/market/money.ts';
import type { GatewayRequest } from '../../src/order/gateway.ts';
import type { Path } from '../../src/order/words.ts';
import { DeskRoom } from './desk-room.ts';
import { START_BALANCE } from './fake-exchange.ts';

const SYMBOLS = ['AUSDT', 'BUSDT', 'CUSDT', 'DUSDT'];
const PATHS: readonly Path[] = ['trade-socket', 'rest-1', 'rest-2'];

export interface Week {
  readonly seed: number;
  readonly trades: number;
  readonly entries: number;
  readonly restarts: number;
  /** How often each fault really happened, and each event was told. */
  readonly counts: Readonly<Record<string, number>>;
  readonly hash: string;
}

interface Meddling {
  readonly humans: boolean;
  readonly restarts: boolean;
  readonly lossy: boolean;
}

/** Throws where an invariant breaks, with the seed and the last that was told. */
export function monkey(seed: number, steps = 150): Week {
  const chance = createRng(seed).fork('monkey');
  const meddling: Meddling = { humans: seed % 3 === 0, restarts: seed % 2 === 0, lossy: seed % 5 !== 0 };
  const room = new DeskRoom({ seed, symbols: SYMBOLS, syncMs: 1 + chance.below(40), exit: { maxHoldingMinutes: 2 } });
  const counts: Record<string, number> = {};
  const count = (name: string): true => {
    counts[name] = (counts[name] ?? 0) + 1;
    return true;
  };
  const fail = (what: string): never => {
    const last = room.told.slice(-25).map((one) => JSON.stringify(one));
    throw new Error(`seed ${seed}: ${what} at ${room.mono}\n${last.join('\n')}`);
  };
  watch(room, meddling, fail);
  room.settleDown();
  const rates = {
    lose: chance.next() * 0.2,
    late: chance.next() * 0.1,
    strip: chance.next() * 0.3,
    read: chance.next() * 0.2,
  };
  const arm = (): void => {
    room.exchange.faults = {
      accept: (request) => {
        const x = chance.next();
        const isEntry = request.kind === 'create' && request.order.role === 'E';
        // Long after its window: the exchange has held it back, and nobody could see it.
        if (isEntry && x < rates.late / 6 && count('zombie')) return { late: 16_000 + chance.below(30_000) };
        if (x < rates.late && count('late'))
          return { late: 100 + chance.below(request.kind === 'create' && request.order.role === 'E' ? 4_500 : 3_000) };
        return x < rates.late + rates.lose / 2 && count('never-arrived') ? 'no' : 'yes';
      },
      answerLost: () => chance.next() < rates.lose && count('answer-lost'),
      stripStop: () => chance.next() < rates.strip && count('stop-stripped'),
      ignoreStop: () => chance.next() < rates.strip / 2 && count('stop-ignored'),
      readFails: () => chance.next() < rates.read && count('read-failed'),
      lagMs: () => (chance.next() < 0.2 && count('lag') ? chance.below(2_500) : 0),
      streamDelay: () => {
        if (meddling.lossy && chance.next() < 0.03 && count('stream-lost')) return undefined;
        return chance.next() < 0.3 && count('stream-late') ? chance.below(400) : 0;
      },
      repeats: () => chance.next() < 0.1 && count('stream-repeated'),
      refuse: () =>
        chance.next() < 0.01 && count('refused')
          ? { outcome: 'refused', class: 'funds', code: 110007, text: 'ab not enough for new order' }
          : undefined,
    };
  };
  let life = 0;
  let restarts = 0;
  arm();
  for (let step = 0; step < steps; step++) {
    act(room, chance, meddling, ++life, count);
    if (meddling.restarts && chance.next() < 0.02 && count('restart')) {
      restarts++;
      room.restart(chance.below(6));
    }
    room.run(20 + chance.below(1_500));
    if (room.deskHash() !== room.replayHash()) fail('the journal replays to another state');
  }
  converge(room, meddling, fail);
  for (const { name } of room.told) count(`ev ${name}`);
  const entries = room.creates('E').length;
  return { seed, trades: room.rows.size, entries, restarts, counts, hash: `${room.deskHash()} ${room.told.length}` };
}

function act(room: DeskRoom, chance: Rng, meddling: Meddling, life: number, count: (name: string) => true): void {
  const symbol = SYMBOLS[chance.below(SYMBOLS.length)] as string;
  const place = room.exchange.place(symbol);
  const x = chance.next();
  if (x < 0.3) room.breakout(symbol, life, chance.next() < 0.5);
  else if (x < 0.4) room.bounce(symbol, life);
  else if (x < 0.75) {
    const far = chance.next() < 0.1 ? 60 : 8;
    room.move(symbol, Math.max(9_000, Math.min(11_000, place.bid + chance.below(2 * far + 1) - far)));
  } else if (x < 0.79) {
    const path = PATHS[chance.below(3)] as Path;
    room.link(path, room.exchange.down.has(path));
  } else if (x < (room.exchange.isPrivateUp ? 0.8 : 0.82)) room.privateLink(!room.exchange.isPrivateUp);
  else if (x < 0.84) place.shown = chance.next() < 0.5 ? chance.below(9) : Infinity;
  else if (x < 0.85 && place.lots !== 0) room.exchange.fund(symbol, 1_000n);
  else if (x < 0.86 && place.lots !== 0 && count('liquidation'))
    room.exchange.closeBy(symbol, 'CreateByLiq', 'liquidation');
  else if (x < 0.87 && count('command-close')) room.command({ kind: 'close', id: `close ${life}`, symbol });
  else if (x < 0.873 && count('command-flatten')) room.command({ kind: 'flatten', id: `flatten ${life}` });
  else if (x < 0.875 && count('command-kill')) room.command({ kind: 'kill', id: `kill ${life}` });
  else if (x < 0.95) room.command({ kind: 'resume', id: `resume ${life}` });
  else if (meddling.humans && x < 0.97 && count('human-trade')) room.exchange.human(symbol, chance.below(13) - 6 || 1);
  else if (meddling.humans && x < 0.98 && count('human-stop')) room.exchange.humanStop(symbol, undefined);
}

/** I-05, I-06, I-08, I-11, I-12 and what must never be sent. */
function watch(room: DeskRoom, meddling: Meddling, fail: (what: string) => never): void {
  const entered = new Set<string>();
  room.onRequest = (request: GatewayRequest) => {
    if (request.kind === 'set-stop') {
      const { stop, lots } = room.exchange.place(request.symbol);
      const isLooser = stop !== undefined && lots !== 0 && (request.stop.tick - stop.tick) * Math.sign(lots) < 0;
      if (isLooser && !meddling.humans) fail(`I-08: ${request.symbol} stop from ${stop.tick} to ${request.stop.tick}`);
    }
    if (request.kind !== 'create') return;
    const { order } = request;
    if (order.role !== 'E') return;
    const intent = room.records.find((record) => record.kind === 'INTENT' && record.body.linkId === order.linkId);
    if (intent?.kind !== 'INTENT' || intent.seq > room.syncedTo)
      return fail(`I-06: ${order.linkId} leaves before it is on disk`);
    const signalId = JSON.stringify(intent.body.plan?.['signalId']);
    if (entered.has(signalId)) fail(`I-05: a second order for ${signalId}`);
    entered.add(signalId);
    const own = [...room.exchange.place(order.symbol).orders.values()].filter(
      ({ status }) => status === 'new' || status === 'partly-filled',
    );
    if (own.length > 0) fail(`I-05: ${order.symbol} has an entry alive`);
    if (room.exchange.place(order.symbol).lots !== 0 && !meddling.humans)
      fail(`an entry into a position: ${order.symbol}`);
  };
  room.onTaken = () => {
    const { positions } = room.desk.status();
    if (positions.filter(({ trade }) => trade !== undefined).length > room.settings.maxConcurrentPositions)
      fail('I-10: positions');
    if (meddling.humans) return;
    for (const symbol of SYMBOLS) {
      const { lots } = room.exchange.place(symbol);
      // An entry that the exchange carries out long after its window comes on top of what stands there: it is told, and goes.
      const isRisen = room.told.some((one) => one.name === 'order.zombie' && one.symbol === symbol);
      if (Math.abs(lots) > 10 && !isRisen) fail(`I-10: ${symbol} holds ${lots}`);
    }
  };
}

/** Faults off: within a minute the desk knows the truth, and protects it; then everything is closed, and adds up. */
function converge(room: DeskRoom, meddling: Meddling, fail: (what: string) => never): void {
  room.exchange.faults = {};
  for (const symbol of SYMBOLS) room.exchange.place(symbol).shown = Infinity;
  for (const path of PATHS) if (room.exchange.down.has(path)) room.link(path, true);
  if (!room.exchange.isPrivateUp) room.privateLink(true);
  room.run(60_000);
  const status = room.desk.status();
  for (const symbol of SYMBOLS) {
    const place = room.exchange.place(symbol);
    const known = status.positions.find((position) => position.symbol === symbol);
    const size = (known?.ours ?? 0) + (known?.foreign ?? 0);
    if (size !== place.lots) fail(`${symbol} holds ${place.lots}, the desk believes ${size} (${known?.state})`);
    if ((known?.ours ?? 0) !== 0 && place.stop === undefined) fail(`${symbol} of ours has no stop`);
    if (known?.entry === 'unknown') fail(`${symbol} still has an unknown entry`);
  }
  if (status.mode === 'RECONCILING') fail('still reconciling');
  room.command({ kind: 'flatten', id: 'the end' });
  room.run(30_000);
  const open = room.desk.status().positions.filter(({ ours }) => ours !== 0);
  if (open.length > 0) fail(`not flat: ${open.map(({ symbol, state }) => `${symbol} ${state}`).join(', ')}`);
  if (room.deskHash() !== room.replayHash()) fail('the journal replays to another state');
  if (meddling.humans) return;
  for (const symbol of SYMBOLS) if (room.exchange.place(symbol).lots !== 0) fail(`${symbol} is forgotten`);
  // Executions of the last hour come by the deep readings, whatever the stream has lost.
  room.run(130_000);
  const rows = [...room.rows.values()];
  // What was held back until its order was given up may have ended before anybody knew of it.
  const isRisen = room.told.some(({ name }) => name === 'order.zombie');
  for (const row of rows)
    if (!row.isComplete && !isRisen) fail(`${row.id} has no whole result: ${JSON.stringify(row)}`);
  const net = rows.reduce((sum, row) => sum + (moneyFromDecimal(row.profitLoss ?? '0') ?? 0n), 0n);
  if (!isRisen && net !== room.exchange.balance - START_BALANCE) {
    fail(`trades say ${net}, the wallet ${room.exchange.balance - START_BALANCE}`);
  }
}

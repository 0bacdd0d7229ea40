// Do engine and exchange agree when the faults are over? Known, protected, flat on command, and the books equal.
import { feedConfig } from '../../src/engine/feed-config.ts';
import { moneyFromDecimal } from '../../src/market/money.ts';
import { priceText, sizeText } from '../../src/market/instrument.ts';
import type { Lot, Tick } from '../../src/market/units.ts';
import type { SeedRoom } from './seed-room.ts';

const REST_MS = 60_000;
const FLAT_MS = 60_000;
const LEDGER_MS = 140_000;

/** Faults off: within a minute the engine knows the truth and protects it; then everything is closed, and adds up. */
export async function rest(room: SeedRoom, isFound: () => boolean): Promise<void> {
  const { world, judge, truth } = room;
  calm(room);
  let what = '';
  await world.run(
    REST_MS + room.patienceMs,
    () => isFound() || (world.nowMs % 100 === 0 && (what = unrest(room)) === ''),
  );
  judge.check('REST', what === '', () => `not at rest after a minute without faults: ${what}`);
  if (what !== '') return;
  room.command({ kind: 'resume' });
  room.command({ kind: 'flatten' });
  await world.run(FLAT_MS, () => isFound() || (world.nowMs % 100 === 0 && (what = unflat(room)) === ''));
  judge.check('REST', what === '', () => `not flat a minute after the order to flatten: ${what}`);
  if (what !== '') return;
  await world.run(FLAT_MS, () => isFound() || (world.nowMs % 100 === 0 && (what = unset(room)) === ''));
  judge.check('REST', what === '', () => `not set up a minute after everything is flat: ${what}`);
  if (what !== '') return;
  await world.run(LEDGER_MS, () => world.nowMs % 500 === 0 && (what = unbalanced(room)) === '');
  judge.check('REST', what === '', () => `the books differ: ${what}`);
  for (const place of truth.places.values()) {
    let sum = 0;
    for (const { execution } of truth.fills.values())
      if (execution.instrument.symbol === place.symbol && execution.type !== 'Funding')
        sum += execution.side === 'Buy' ? execution.lots : -execution.lots;
    if (!judge.isGridNew)
      judge.check('I-09', sum === place.lots, () => `${place.symbol}: executions ${sum}, position ${place.lots}`);
  }
  await room.life?.close();
}

function calm(room: SeedRoom): void {
  const { world, symbols } = room;
  room.forgetWatches();
  room.isResumeOff = false;
  room.fault('clear');
  world.openRoads();
  world.tamper = undefined;
  world.hopMsMax = Math.min(world.hopMsMax, 60);
  world.hopMsMin = Math.min(world.hopMsMin, 20);
  for (const symbol of symbols) {
    room.fault('symbol-status', { symbol, status: 'trading' });
    room.fault('risk-limited', { symbol, limited: false });
    room.fault('price-band', { symbol, ratioX: '0.05', ratioY: '0.1' });
    room.fault('lot-limits', { symbol, maxMktOrderQty: '100000000', maxOrderQty: '100000000' });
  }
  room.fault('partial-fill', { part: 1, count: 1 });
  room.fault('account-state', { positionMode: 'one-way', marginMode: 'ISOLATED_MARGIN' });
  world.exchange.stage.doors.maintenance = undefined;
  room.disk.syncMsMax = 4;
  if (room.disk.isBroken) room.disk.repair();
  for (const reason of ['workers.down', 'flap']) room.life?.trader.block(reason, false);
  if (room.life === undefined) return room.start();
  // A rotation may not have been taken back yet.
  const { universe, updateMs } = feedConfig(room.life.config);
  room.life.feed.changeRules(universe, updateMs);
}

/** What the engine does not know yet, or has not protected; '' for nothing. */
function unrest({ life, truth }: SeedRoom): string {
  if (life === undefined) return 'no engine';
  const status = life.trader.status();
  if (status.mode === 'RECONCILING' || status.mode === 'BOOT' || status.reconciledAt === undefined)
    return `mode ${status.mode}`;
  for (const { symbol, lots, ours, stopTick } of truth.places.values()) {
    const known = status.positions.find((position) => position.symbol === symbol);
    const size = (known?.ours ?? 0) + (known?.foreign ?? 0);
    if (size !== lots) return `${symbol} holds ${lots}, the engine believes ${size} (${known?.state})`;
    if (ours !== 0 && (known?.ours ?? 0) !== 0 && stopTick === undefined)
      return `${symbol} of ours has no stop (${known?.state})`;
    if (known?.entry === 'unknown') return `${symbol} has an unknown entry`;
    if (known?.state === 'quarantined') return `${symbol} is quarantined`;
  }
  return '';
}

function unflat({ life, truth }: SeedRoom): string {
  if (life === undefined) return 'no engine';
  const open = life.trader.status().positions.find(({ ours }) => ours !== 0);
  if (open !== undefined) return `${open.symbol} ${open.ours} (${open.state})`;
  const held = [...truth.places.values()].find(({ ours, isMeddled }) => ours !== 0 && !isMeddled);
  return held === undefined ? '' : `${held.symbol} holds ${held.ours}, and the engine does not know`;
}

/** Which symbol has not the leverage that the configuration gives, and could have it. */
function unset({ symbols, truth, venue, world, drawn }: SeedRoom): string {
  const wanted = Number(drawn.trading['leverage']) * 100;
  const wrong = symbols.find((symbol) => {
    const [position] = venue.positions(world.uid, { symbol });
    return truth.places.get(symbol)?.lots === 0 && position?.leverage !== wanted;
  });
  return wrong === undefined ? '' : `leverage of ${wrong}`;
}

/** What the rows for the database lack, or have wrong. */
function unbalanced(room: SeedRoom): string {
  const { truth, judge } = room;
  let net = 0n;
  for (const [id, { execution, isOurs }] of truth.fills) {
    if (!isOurs) continue;
    net += execution.pnl - execution.fee;
    const row = judge.rows.executions.get(id);
    if (row === undefined) {
      if (room.isLedgerShared || room.isJournalLost) continue;
      return `execution ${id} of ${execution.order?.linkId} (${execution.type} ${execution.createType}) is in no row`;
    }
    const { instrument, side, lots, tick, fee } = execution;
    const [rowSide, size, price, rowFee] = row.split(' ');
    const isSame =
      rowSide === side.toLowerCase() &&
      size === String(moneyFromDecimal(sizeText(lots as Lot, instrument))) &&
      price === String(moneyFromDecimal(priceText(tick as Tick, instrument))) &&
      rowFee === String(fee);
    if (!isSame) return `execution ${id} is stored as ${row}`;
  }
  for (const id of judge.rows.executions.keys()) if (!truth.fills.has(id)) return `nobody has executed ${id}`;
  const isOursAlone = !room.isLedgerShared && [...truth.fills.values()].every(({ isOurs }) => isOurs);
  if (!isOursAlone) return '';
  const day = room.life?.trader.account().dayProfit;
  if (day !== net && !room.disk.hasLost) return `the day says ${day}, executions ${net}`;
  if (room.isJournalLost) return '';
  let told = 0n;
  for (const { tradeId, profitLoss, exitTime } of judge.rows.trades.values()) {
    if (exitTime === undefined) return `trade ${tradeId} has no end`;
    told += moneyFromDecimal(profitLoss ?? '0') ?? 0n;
  }
  return told === net ? '' : `trades say ${told}, executions ${net}`;
}

// Does the ledger account for everything, whatever goes wrong? Random trading through the doors, with faults, then the sums.
import { createRng, type Rng } from '../../../src/lib/rng.ts';
import type { LedgerLine } from '../../../src/simulator/ledger/ledger.ts';
import { type Fields, StageRoom } from './stage-room.ts';

const SYMBOLS = ['BTCUSDT', 'ETHUSDT', 'SOLUSDT'] as const;
const QTY = { BTCUSDT: ['0.001', '0.002'], ETHUSDT: ['0.03', '0.05'], SOLUSDT: ['0.6', '1.0', '2.4'] } as const;

/** Things that may go wrong, none of which may make the ledger wrong. */
const ADVERSITY: readonly ((rng: Rng, symbol: string) => [string, Fields])[] = [
  () => ['partial-fill', { part: 0.5, count: 1 }],
  () => ['engine-reject', { count: 1 }],
  () => ['stop-rejected', { count: 1 }],
  () => ['lost-answer', { door: 'rest', count: 1 }],
  () => ['late-acceptance', { door: 'rest', ms: 700, count: 1 }],
  () => ['server-timeout', { exists: true, count: 1 }],
  () => ['duplicate', { channel: 'rest', direction: 'in', count: 1 }],
  (_rng, symbol) => ['stop-stripped', { symbol }],
  (_rng, symbol) => ['human-close', { symbol }],
  (rng, symbol) => ['push-price', { symbol, percent: rng.below(2) === 0 ? 0.4 : -0.4 }],
  (rng, symbol) => ['mark-divergence', { symbol, ticks: 40 - rng.below(80), ms: 500 }],
  (_rng, symbol) => ['adl', { symbol }],
  () => ['restart', { ms: 100 }],
];

const units = (text: unknown): bigint => BigInt(String(text).replace('.', ''));

export interface CampaignResult {
  readonly seed: number;
  readonly lines: number;
  readonly fills: number;
  readonly broken: readonly string[];
}

/** `acts` of one account under adversity. */
export function runCampaign(seed: number, acts: number): CampaignResult {
  const room = new StageRoom(seed, { symbols: SYMBOLS.length });
  const rng = createRng(seed).fork('campaign');
  const pick = <T>(list: readonly T[]): T => list[rng.below(list.length)] as T;
  for (let i = 0; i < acts; i++) {
    const symbol = pick(SYMBOLS);
    if (rng.below(4) === 0) room.fault(...pick(ADVERSITY)(rng, symbol));
    const side = pick(['Buy', 'Sell']);
    const last = Number(room.exchange.market.contract(symbol)?.ticker.fields(room.nowMs)['lastPrice']);
    const stop = last * (side === 'Buy' ? 0.994 : 1.006);
    const decimals = symbol === 'BTCUSDT' ? 1 : 2;
    const order = {
      category: 'linear',
      symbol,
      side,
      orderType: 'Market',
      qty: pick(QTY[symbol]),
      orderLinkId: `o${i}`,
    };
    room.send('POST', '/v5/order/create', {
      ...order,
      ...(rng.below(2) === 0 && { stopLoss: stop.toFixed(decimals) }),
    });
    room.pass(20 + rng.below(400));
  }
  room.pass(2_000);
  return { seed, lines: room.ledger().length, fills: room.ledger('fill').length, broken: judge(room) };
}

/** What the ledger says against itself and against the venue. */
function judge(room: StageRoom): string[] {
  const broken: string[] = [];
  const { venue } = room.exchange.stage;
  const fills = room.ledger('fill');
  const lastOf = (lines: readonly LedgerLine[], fields: Fields): LedgerLine | undefined =>
    lines.findLast((line) => Object.entries(fields).every(([key, value]) => line[key] === value));
  for (const { uid } of venue.accounts) {
    const mine = fills.filter((fill) => fill['uid'] === uid);
    const wallet = lastOf(room.ledger('wallet'), { uid });
    const change = mine.reduce((sum, { pnl, fee }) => sum + units(pnl) - units(fee), 0n);
    const first = { 123_456_789: 10_000n, 123_456_790: 100_000n }[uid] ?? 1_000_000n;
    if (wallet !== undefined && units(wallet['balance']) !== first * 100_000_000n + change)
      broken.push(`account ${uid}: wallet ${String(wallet['balance'])}, change of the fills ${change}`);
    if (wallet !== undefined && units(wallet['balance']) !== venue.wallet(uid).balance)
      broken.push(`account ${uid}: the venue has ${venue.wallet(uid).balance}`);
    for (const symbol of SYMBOLS) {
      const size = mine
        .filter((fill) => fill['symbol'] === symbol && fill['type'] !== 'Funding')
        .reduce((sum, fill) => sum + (fill['side'] === 'Buy' ? units(fill['size']) : -units(fill['size'])), 0n);
      const position = lastOf(room.ledger('position'), { uid, symbol });
      if (units(position?.['size'] ?? '0') !== size)
        broken.push(`${symbol}: fills ${size}, position ${String(position?.['size'])}`);
      const stop = lastOf(room.ledger('stop'), { uid, symbol })?.['stopLoss'] as Fields | null | undefined;
      const order = venue.openOrders(uid, { symbol }).find(({ stopOrderType }) => stopOrderType === 'StopLoss');
      const told = order === undefined ? undefined : lastOf(room.ledger('order'), { id: order.id });
      if (stop?.['price'] !== (told?.['trigger'] as Fields | undefined)?.['price'])
        broken.push(
          `${symbol}: the ledger's stop is ${String(stop?.['price'])}, the order's ${JSON.stringify(told?.['trigger'])}`,
        );
    }
  }
  return broken;
}

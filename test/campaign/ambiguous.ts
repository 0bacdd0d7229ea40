// Is an entry ever doubled whose outcome nobody told? Orders leave, and their answers are lost, late, wrong or never come.
import type { Ms } from '../../src/lib/brand.ts';
import { createRng, type Rng } from '../../src/lib/rng.ts';
import { JOURNAL_VERSION } from '../../src/order/journal.ts';
import { QUERIES } from '../../src/simulator/venue/venue.ts';
import { SeedRoom } from './seed-room.ts';

export interface AmbiguousResult {
  readonly seed: number;
  readonly events: number;
  readonly virtualMs: number;
  /** Entries that left and were not answered with a clear yes or no in time. */
  readonly outcomes: number;
  /** How often the engine had to hold an order for unknown. */
  readonly unknown: number;
  /** Of these the exchange had taken, and had filled at least in part. */
  readonly accepted: number;
  readonly filled: number;
  readonly byKind: Readonly<Record<string, number>>;
  /** Second entries: of a signal, or on top of what stands. */
  readonly duplicates: number;
  readonly last: readonly string[];
  readonly violations: readonly string[];
}

type Door = 'trade' | 'rest';
interface Sent {
  readonly door: Door;
  readonly linkId: string;
}

/** How an outcome becomes ambiguous. */
type Way = (room: SeedRoom, rng: Rng, sent: Sent) => unknown;

const SYMBOLS = 5;
const ACK_MS = 2_050;
/** Two symbols a second are read before they are traded. */
const BOOT_MS = 3_300;
const RESOLVED_MS = 40_000;
const FLAT_MS = 10_000;
/** What the text of the request holds, or that of its answer. */
const asked = ({ door }: Sent): string => (door === 'trade' ? 'order.create' : '/v5/order/create');
const told = ({ door, linkId }: Sent): string => (door === 'trade' ? 'order.create' : linkId);

function coded(kind: string, isTaken: boolean | undefined): Way {
  return (room, rng, { door }) => room.fault(kind, { door, path: 'create', exists: isTaken ?? rng.below(2) === 0 });
}

const WAYS: Readonly<Record<string, Way>> = {
  'timeout, taken': (room, _rng, sent) => room.fault('lost-answer', { door: sent.door, holds: told(sent) }),
  'timeout, not taken': (room, _rng, sent) => room.fault('lost-request', { door: sent.door, holds: asked(sent) }),
  'code 10000, taken': coded('server-timeout', true),
  'code 10000, not taken': coded('server-timeout', false),
  'code 10016': coded('server-error', undefined),
  'code 10019': coded('restarting', undefined),
  'reset, or 502': (room, rng, { door }) =>
    door === 'trade'
      ? room.at(rng.below(40), () => room.fault('cut', { channel: 'trade' }))
      : room.fault('gateway-error', { path: 'create', exists: rng.below(2) === 0 }),
  'late acceptance': (room, rng, sent) =>
    room.fault('late-acceptance', { door: sent.door, holds: asked(sent), ms: 1_850 + rng.below(300) }),
  'garbled answer': (room, _rng, sent) =>
    room.fault('truncate', { channel: sent.door, direction: 'out', holds: told(sent), count: 1 }),
};
const NAMES = Object.keys(WAYS);
/** An order that is there is found in seconds; that one is not there takes its fence and three looks to prove. */
const TAKEN = NAMES.filter((name) => name.endsWith(', taken') || name.startsWith('garbled'));

const ENTRY = /"orderLinkId":"(d1-[^"]+-E)"/;
/** An order was accepted, by whichever door. */
const ANSWER = /"(?:result|data)":\{"orderId":"[^"]*","orderLinkId":"(d1-[^"]+-E)"\}/;

/** Does the engine still not know what became of an order? */
function isOpen({ life }: SeedRoom): boolean {
  return (
    life !== undefined && life.trader.status().positions.some(({ entry }) => entry === 'unknown' || entry === 'sent')
  );
}

/** At least so many ambiguous outcomes. */
export async function runAmbiguous(seed: number, wanted: number): Promise<AmbiguousResult> {
  const room = new SeedRoom({
    seed,
    symbols: SYMBOLS,
    rate: 25,
    startMs: 1_786_310_820_000,
    hopMsMin: 2,
    hopMsMax: 30,
    drawn: {
      trading: { position_size_usd: 100, max_concurrent_positions: 20, max_exposure_percent: 50, leverage: 10 },
      strategy: { max_holding_minutes: 1 },
      safety: {},
    },
  });
  const { world, truth, judge } = room;
  const rng = createRng(seed).fork('ambiguous');
  const answered = new Set<string>();
  const ambiguous = new Set<string>();
  let unknown = 0;
  let lives = 0;
  const byKind: Record<string, number> = {};
  await world.run(20);
  for (const symbol of room.symbols) room.human('setLeverage', { symbol, buyLeverage: '10', sellLeverage: '10' });
  let names = NAMES;
  room.onSaid.add((channel, text) => {
    const linkId = ENTRY.exec(text)?.[1];
    if (linkId === undefined || !/order[./]create/.test(text)) return false;
    // Ordered while it is on its way, so that it befalls this order and no other.
    const kind = room.pick(names);

    WAYS[kind]?.(room, rng, { door: channel === 'trade' ? 'trade' : 'rest', linkId });
    // Evidence over the stream would settle it at once: now and then there is none, and the readings lag.
    if (rng.below(6) === 0) {
      room.fault('drop', { channel: 'private', direction: 'out', holds: '"topic":"', count: 4 });
      for (const query of QUERIES) room.fault('reads-lag', { ms: rng.below(9_000), query });
    }
    // What is not answered by then with a clear word is ambiguous, whatever the stream may tell meanwhile.
    room.at(ACK_MS, () => {
      if (answered.has(linkId)) return;
      ambiguous.add(linkId);
      byKind[kind] = (byKind[kind] ?? 0) + 1;
    });
    return false;
  });
  room.onHeard.add((channel, text) => {
    const linkId = channel === 'public' ? undefined : ANSWER.exec(String(text))?.[1];
    if (linkId !== undefined && String(text).endsWith('}')) answered.add(linkId);
    return false;
  });
  room.whenLogged('order.unknown', () => {
    unknown++;
    return false;
  });
  while (ambiguous.size < wanted && judge.violations.length === 0) {
    // Each handful has an engine of its own, in a directory that has its losses behind it: they hold nobody back.
    room.start();
    names = rng.below(5) === 0 ? NAMES : TAKEN;
    await world.run(BOOT_MS);
    for (const symbol of room.symbols) room.signal(symbol);
    await world.run(ACK_MS + 200);
    room.fault('clear');
    await world.run(RESOLVED_MS, () => world.nowMs % 50 === 0 && !isOpen(room));
    room.command({ kind: 'flatten' });
    await world.run(FLAT_MS, () => world.nowMs % 50 === 0 && truth.held === 0);
    judge.check(
      'REST',
      !isOpen(room) && truth.held === 0,
      () => `${truth.held} positions, or an unknown order, are left`,
    );
    room.life?.kill();
    judge.died();
    room.life = undefined;
    const body = { symbol: '', execIds: [...truth.fills.keys()] };
    const counted = {
      v: JOURNAL_VERSION,
      seq: 1,
      tWall: world.nowMs as Ms,
      tMono: 0 as Ms,
      kind: 'PAST',
      body,
    } as const;
    room.disk = room.disk.wiped(`a${(++lives).toString(36)}`.padEnd(4, 'x'), counted);
    await world.run(100);
  }
  const accepted = [...ambiguous].filter((linkId) => truth.entries.has(linkId));
  const filled = accepted.filter((linkId) => (truth.entries.get(linkId)?.filledLots ?? 0) > 0);
  const doubled = judge.violations.filter(({ invariant }) => invariant === 'I-05');
  return {
    seed,
    events: world.events,
    virtualMs: world.atMs,
    outcomes: ambiguous.size,
    unknown,
    accepted: accepted.length,
    filled: filled.length,
    byKind,
    duplicates: doubled.length,
    last: judge.violations.length === 0 ? [] : world.story(),
    violations: judge.violations.map(({ invariant, atMs, text }) => `${invariant} at ${atMs} ms: ${text}`),
  };
}

// Which records can stand in a journal? Any, in any order, about few orders, symbols and executions, so that they meet.
import fc from 'fast-check';
import type { Ms } from '../../src/lib/brand.ts';
import {
  emptyJournal,
  JOURNAL_VERSION,
  type JournalRecord,
  type Json,
  type JsonObject,
  type OrderBody,
  type RecordBody,
} from '../../src/order/journal.ts';
import { ORDER_STATES } from '../../src/order/state.ts';

/** Names that a careless table would take for something else are among them (S10). */
const odd = ['__proto__', 'constructor', 'toString'];
const LINK_IDS = ['d1-test-0-1-E', 'd1-test-0-2-E', 'd1-test-0-3-C', 'd1-test-0-4-X', ...odd];
const SYMBOLS = ['SOLUSDT', 'BTCUSDT', '1000PEPEUSDT', ...odd];
const EXEC_IDS = ['x-1', 'x-2', 'x-3', 'x-4', ...odd];

/** Of whom one journal speaks. */
interface Cast {
  readonly linkIds: readonly string[];
  readonly symbols: readonly string[];
  readonly execIds: readonly string[];
}

const casts: fc.Arbitrary<Cast> = fc.record({
  linkIds: fc.shuffledSubarray(LINK_IDS, { minLength: 1, maxLength: 3 }),
  symbols: fc.shuffledSubarray(SYMBOLS, { minLength: 1, maxLength: 2 }),
  execIds: fc.shuffledSubarray(EXEC_IDS, { minLength: 2, maxLength: 4 }),
});

const decimals = fc.constantFrom('0', '0.1', '25', '-0.3', '100000.00000001');
const texts = fc.oneof(fc.constantFrom('', 'timeout', 'нет ответа', '無回答', '🜂', '\n', '"\\', ' '), fc.string());
const states = fc.constantFrom(...ORDER_STATES);

const values: fc.Arbitrary<Json> = fc.oneof(texts, fc.integer(), fc.boolean(), fc.constant(null), decimals);
/** Where a key with a backslash was read before, V8 13.6 reads its beginning in place of others: `{"\\":1}`, then `{"\n":1}` as the first. */
const keys = fc.oneof(texts, fc.constantFrom('stop', 'id', ...odd)).filter((key) => !key.includes('\\'));
const objects: fc.Arbitrary<JsonObject> = fc.dictionary(keys, values, {
  maxKeys: 4,
  noNullPrototype: true,
});

const ended = fc.record({ atMs: fc.nat(), seq: fc.nat() });

function bodies<Kind extends RecordBody['kind']>(
  kind: Kind,
  body: fc.Arbitrary<Extract<RecordBody, { kind: Kind }>['body']>,
): fc.Arbitrary<RecordBody> {
  return body.map((made) => ({ kind, body: made }) as RecordBody);
}

/** A kind more does not compile without its bodies. Those of a checkpoint are states. */
function bodiesOf(cast: Cast): Readonly<Record<Exclude<RecordBody['kind'], 'CHECKPOINT'>, fc.Arbitrary<RecordBody>>> {
  const linkId = fc.constantFrom(...cast.linkIds);
  const symbol = fc.constantFrom(...cast.symbols);
  const execId = fc.constantFrom(...cast.execIds);
  const orders: fc.Arbitrary<OrderBody> = fc.record({
    linkId,
    symbol,
    role: fc.constantFrom('E', 'C', 'X', 'S'),
    side: fc.constantFrom('buy', 'sell'),
    size: fc.oneof(decimals, fc.constant('all')),
    notional: decimals,
    recvWindowMs: fc.constantFrom(2_000, 5_000),
    baseline: decimals,
    baselineSeq: fc.integer({ min: -1, max: 9 }),
    plan: fc.option(objects),
  });
  const closes = fc.tuple(orders, texts).map(([order, reason]) => ({ ...order, reason }));
  const trades = fc.record(
    { symbol, trade: fc.option(objects), ended, losses: objects },
    { requiredKeys: ['symbol', 'trade'] },
  );
  return {
    INTENT: bodies('INTENT', orders),
    CLOSE_INTENT: bodies('CLOSE_INTENT', closes),
    SENT: bodies('SENT', fc.record({ linkId, fenceMs: fc.nat() })),
    ACK: bodies('ACK', fc.record({ linkId, orderId: texts })),
    REJECT: bodies('REJECT', fc.record({ linkId, state: states, why: texts })),
    UNKNOWN: bodies('UNKNOWN', fc.record({ linkId, why: texts })),
    RESOLVED: bodies(
      'RESOLVED',
      fc.record(
        { linkId, state: states, filled: decimals, orderId: texts },
        { requiredKeys: ['linkId', 'state', 'filled'] },
      ),
    ),
    EXEC: bodies(
      'EXEC',
      fc.record(
        { symbol, execId, fill: objects, isLate: fc.boolean(), losses: objects },
        { requiredKeys: ['symbol', 'execId', 'fill', 'isLate'] },
      ),
    ),
    PAST: bodies(
      'PAST',
      fc.record(
        { symbol, execIds: fc.array(execId, { maxLength: 3 }), losses: objects },
        { requiredKeys: ['symbol', 'execIds'] },
      ),
    ),
    POSITION: bodies('POSITION', trades),
    MODE: bodies('MODE', objects),
    BLOCK: bodies('BLOCK', objects),
    COUNTERS: bodies('COUNTERS', fc.record({ name: fc.constantFrom('losses', 'rates', ...odd), state: values })),
  };
}

function numbered(all: readonly (readonly [RecordBody, number])[]): JournalRecord[] {
  let wall = 1_786_310_820_000;
  return all.map(([body, pause], i) => {
    wall += pause;
    return { v: JOURNAL_VERSION, seq: i + 1, tWall: wall as Ms, tMono: i as Ms, ...body };
  });
}

/** Without checkpoints: those are made of states. */
export const anyRecords: fc.Arbitrary<JournalRecord[]> = casts
  .chain((cast) => {
    const { EXEC, POSITION, ...others } = bodiesOf(cast);
    const body = fc.oneof({ arbitrary: EXEC, weight: 3 }, { arbitrary: POSITION, weight: 3 }, ...Object.values(others));
    return fc.array(fc.tuple(body, fc.nat({ max: 1_000 })), { maxLength: 40, size: 'max' });
  })
  .map(numbered);

/** One of each kind, checkpoint included. */
export const oneOfEach: fc.Arbitrary<JournalRecord[]> = casts
  .chain((cast) => fc.tuple(...Object.values(bodiesOf(cast))))
  .map((each) => numbered([...each, { kind: 'CHECKPOINT', body: emptyJournal() } as const].map((body) => [body, 1])));

// What frames does the exchange send, and how can they go wrong? Texts for property tests.
import fc from 'fast-check';
import { formatDecimal } from '../../src/market/decimal.ts';
import type { Rng } from '../../src/lib/rng.ts';

export const SYMBOLS = ['SOLUSDT', '1000PEPEUSDT', 'BTCUSDT', 'SOLUSD', 'SOLUSDT2'] as const;
/** Comes in frames, but nobody watches it. */
export const STRANGER = 'DOGEUSDT';

const spelled = (max: number, decimalsMax: number) =>
  fc
    .tuple(fc.integer({ min: 1, max }), fc.nat({ max: decimalsMax }))
    .map(([mantissa, decimals]) => formatDecimal(mantissa, decimals));
const decimal = fc.oneof(
  { weight: 6, arbitrary: spelled(99_999_999, 4) },
  { weight: 3, arbitrary: spelled(999_999_999_999_999, 14) },
  { weight: 2, arbitrary: fc.constantFrom('0', '0.0', '0.000') },
);
/** Spellings that are no plain decimal, or no text, and some that only look odd. */
const odd = fc.constantFrom(
  '""',
  '"-1"',
  '"+1"',
  '"1e5"',
  '"1E5"',
  '"0x10"',
  '" 1"',
  '"1 "',
  '".5"',
  '"5."',
  '"00.5"',
  '"01"',
  '"1.2.3"',
  '"NaN"',
  '"Infinity"',
  '"-0"',
  '"1,5"',
  '"1_000"',
  '"١"',
  '1.5',
  'null',
  'true',
  '[]',
  '{}',
  '"\\u0031"',
  '"123456789012345"',
  '"1234567890123456"',
  '"0.00000000000000000001"',
  '"0.00000000000000000000001"',
  '"1\\n"',
  '"9007199254740993"',
  '"999999999.999999"',
  '"0.0000000000000001"',
  '"2147483648"',
  '"4294967296.5"',
);
const number = fc.oneof({ weight: 40, arbitrary: decimal.map((text) => `"${text}"`) }, { weight: 1, arbitrary: odd });
const level = fc.oneof(
  { weight: 60, arbitrary: fc.tuple(number, number).map(([price, size]) => `[${price},${size}]`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom('[]', '["1"]', '["1","2","3"]', '"1"', '{}', 'null', '[["1","2"]]', '["1","2",]'),
  },
);
const list = fc.array(level, { maxLength: 6 }).map((levels) => `[${levels.join(',')}]`);
const count = fc.oneof(
  { weight: 40, arbitrary: fc.integer({ min: 1, max: 2 ** 31 }).map(String) },
  { weight: 20, arbitrary: fc.integer({ min: 1e12, max: 999_999_999_999_999 }).map(String) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '0',
      '-1',
      '-0',
      '1.5',
      '1.0',
      '1e3',
      '01',
      '"5"',
      'null',
      '9007199254740992',
      '99999999999999999999',
    ),
  },
);
const symbol = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...SYMBOLS) },
  { weight: 1, arbitrary: fc.constant(STRANGER) },
);
/** The symbol inside, which now and then is another one (B16). */
const inside = (name: string) =>
  fc.oneof(
    { weight: 30, arbitrary: fc.constant(`"${name}"`) },
    { weight: 1, arbitrary: symbol.map((other) => `"${other}"`) },
  );
const strange = fc.constantFrom(
  '"x":1',
  '"x":"y"',
  '"x":null',
  '"b2":true',
  '"cs":1.25',
  '"x":-3',
  '"x":{"b":[]}',
  '"x":"\\""',
  '"":0',
);

/** An object of these fields in any order, now and then with one missing, twice, or of an unknown name. */
function object(fields: readonly fc.Arbitrary<string>[], keepOrder = 3): fc.Arbitrary<string> {
  return fc
    .record({
      texts: fc.tuple(...fields),
      order: fc.oneof(
        { weight: keepOrder, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.shuffledSubarray([...fields.keys()], { minLength: fields.length }) },
      ),
      fault: fc.nat({ max: 60 }),
      at: fc.nat({ max: fields.length - 1 }),
      extra: strange,
      blank: fc.nat({ max: 40 }),
    })
    .map(({ texts, order, fault, at, extra, blank }) => {
      const list_ = order === undefined ? [...texts] : order.map((i) => texts[i] as string);
      if (fault === 0) list_.splice(at, 1);
      if (fault === 1) list_.push(texts[at] as string);
      if (fault > 50) list_.splice(at, 0, extra);
      return `{${list_.join(blank === 0 ? ', ' : ',')}}`;
    });
}

const field = (name: string, value: fc.Arbitrary<string>) => value.map((text) => `"${name}":${text}`);
const constant = (name: string, ...values: string[]) => field(name, fc.constantFrom(...values));
const type = fc.oneof(
  { weight: 30, arbitrary: constant('type', '"snapshot"', '"delta"') },
  { weight: 1, arbitrary: constant('type', '"snap"', '""', '1', '"deltas"', '"snapshot "') },
);

const book = fc
  .tuple(symbol, fc.constantFrom('1', '50', '200', '1000', '050', '0', 'rpi', '123456'))
  .chain(([name, depth]) =>
    object([
      constant('topic', `"orderbook.${depth}.${name}"`),
      type,
      field('ts', count),
      field(
        'data',
        object([field('s', inside(name)), field('b', list), field('a', list), field('u', count), field('seq', count)]),
      ),
      field('cts', count),
    ]),
  );
const trade = (name: string) =>
  object([
    field('T', count),
    field('s', inside(name)),
    constant('S', '"Buy"', '"Sell"', '"Sell"', '"Buy"', '"buy"'),
    field('v', number),
    field('p', number),
    constant('L', '"PlusTick"', '"ZeroMinusTick"'),
    constant('i', '"84d8dbc7-4254-570f-b890-4dba41ecccc3"', '"2290000000012"'),
    constant('BT', 'false', 'false', 'true'),
    constant('RPI', 'false', 'true', 'false', 'null'),
    field('seq', count),
  ]);
const trades = symbol.chain((name) =>
  object([
    constant('topic', `"publicTrade.${name}"`),
    constant('type', '"snapshot"'),
    field('ts', count),
    field(
      'data',
      fc.array(trade(name), { maxLength: 4 }).map((all) => `[${all.join(',')}]`),
    ),
  ]),
);
const signed = fc.tuple(fc.constantFrom('', '', '-'), decimal).map(([sign, text]) => `"${sign}${text}"`);
const fact = fc.oneof(
  { weight: 20, arbitrary: signed },
  { weight: 2, arbitrary: fc.constant('""') },
  { weight: 1, arbitrary: odd },
  { weight: 1, arbitrary: fc.constantFrom('"1142257236123.58971234"', '"--1"', '"-"') },
);
const ticker = symbol.chain((name) =>
  object([
    constant('topic', `"tickers.${name}"`),
    type,
    field(
      'data',
      object([
        field('symbol', inside(name)),
        constant('tickDirection', '"PlusTick"'),
        field('price24hPcnt', fact),
        field('lastPrice', fact),
        field('markPrice', fact),
        field('prevPrice24h', fact),
        field('turnover24h', fact),
      ]),
    ),
    field('cs', count),
    field('ts', count),
  ]),
);
const other = fc.constantFrom(
  '{"success":true,"ret_msg":"","conn_id":"d9simq4k7nd0c73lin10-4f7ac","req_id":"s1","op":"subscribe"}',
  '{"success":true,"ret_msg":"pong","conn_id":"d9","req_id":"","op":"ping"}',
  '{"op":"pong","args":["1786310820523"]}',
  '{"topic":"kline.1.SOLUSDT","type":"snapshot","data":[{"start":1,"open":"1"}],"ts":5}',
  '{"topic":"allLiquidation.SOLUSDT","type":"snapshot","ts":5,"data":[{"T":1,"s":"SOLUSDT","S":"Sell","v":"1","p":"2"}]}',
  '{}',
  '[]',
  'null',
  '"x"',
  '5',
  '',
  '{',
  '}',
  '{}{}',
  '{"topic":5}',
  '{"topic":"orderbook.50."}',
  '{"topic":""}',
);

export const frameText: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: book },
  { weight: 3, arbitrary: trades },
  { weight: 3, arbitrary: ticker },
  { weight: 1, arbitrary: other },
);

const SYNTAX = Buffer.from('"\\{}[],:.-+eE0919 \n\t\0tfnbau');

function mutate(bytes: readonly number[], rng: Rng): number[] {
  const place = rng.below(bytes.length + 1);
  const length = 1 + rng.below(12);
  const byte = rng.below(4) === 0 ? rng.below(256) : (SYNTAX[rng.below(SYNTAX.length)] as number);
  const result = [...bytes];
  switch (rng.below(7)) {
    case 0:
      result.splice(place, 1, byte);
      break;
    case 1:
      result.splice(place, 0, byte);
      break;
    case 2:
      result.splice(place, length);
      break;
    case 3:
      result.splice(place, 0, ...bytes.slice(place, place + length));
      break;
    case 4:
      result.splice(rng.below(bytes.length + 1), 0, ...bytes.slice(place, place + length));
      break;
    case 5:
      result[place] = (result[place] ?? 0) ^ (1 << rng.below(8));
      break;
    default:
      result.length = place;
  }
  return result;
}

/** The frame as it comes, then damaged in one to three places, over and over. */
export function* damaged(text: string, times: number, rng: Rng): Generator<Uint8Array> {
  const whole = [...Buffer.from(text)];
  yield Uint8Array.from(whole);
  for (let i = 0; i < times; i++) {
    let bytes = mutate(whole, rng);
    for (let more = rng.below(3); more > 0; more--) bytes = mutate(bytes, rng);
    yield Uint8Array.from(bytes);
  }
}

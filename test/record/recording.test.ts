// Is every kind of recording read, and a broken one as far as it goes?
import { readFile } from 'node:fs/promises';
import { constants, deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createInstrument } from '../../src/market/instrument.ts';
import { createRng } from '../../src/lib/rng.ts';
import { openRecord, type RecordFile } from '../../src/record/file.ts';
import { PIECE_BYTES } from '../../src/record/inflate.ts';
import { readLines } from '../../src/record/lines.ts';
import { bookFrame, readAll, REAL, REAL_INSTRUMENTS, textsOf, useDirectory, zip, type Archive } from './recorded.ts';

const directory = useDirectory();

/** Frames that do not compress to nothing, so that every piece of a packed file matters. */
const FRAMES = Array.from({ length: 400 }, (_, i) =>
  bookFrame(i === 0 ? 'snapshot' : 'delta', i + 1, [[`${100 + ((i * 7919) % 997)}.5`, `${(i * 104_729) % 9_973}`]], []),
);
const NDJSON = Buffer.from(`${FRAMES.join('\n')}\n`);

test('the recording of another program gives the frames of the linear market with time and connection, byte for byte', async () => {
  const { entries, fault } = await readAll(REAL);
  expect(fault).toBeUndefined();
  const received = gunzipSync(await readFile(REAL))
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { t: string; data: string; ts: number; conn: string })
    .filter(({ t }) => t === 'recv');
  expect(received).toHaveLength(1_227);
  expect(textsOf(entries)).toEqual(received.map(({ data }) => data));
  expect(entries[0]).toMatchObject({
    kind: 'frame',
    connection: 'BYBIT.ws.2',
    received: (received[0]?.ts ?? 0) * 1_000,
  });
});

/** Numbers of so many bits each, one behind the other. */
const words = (...numbers: readonly (readonly [bits: 16 | 32 | 64, value: number])[]): Buffer =>
  Buffer.concat(
    numbers.map(([bits, value]) => {
      const word = Buffer.alloc(8);
      word.writeBigUInt64LE(BigInt(value));
      return word.subarray(0, bits / 8);
    }),
  );

/** With more in its header than Node writes: `flags` says what. */
const gzipWith = (text: Buffer, flags: number, more: Buffer | string): Buffer => {
  const packed = gzipSync(text);
  packed[3] = flags;
  return Buffer.concat([packed.subarray(0, 10), Buffer.from(more), packed.subarray(10)]);
};

const TIME_OF_FILE = words([16, 0x5455], [16, 5], [32, 1], [16, 0]).subarray(0, -1);
const archived = (archive: Archive) => (text: Buffer) => zip('day.data', text, archive);

const DAY = zip('day.data', NDJSON);
const streamed = (content: Buffer, lengthBits: 32 | 64): Buffer =>
  zip('day.data', content, {
    behind: (sum, packed, length) => words([32, 0x08074b50], [32, sum], [lengthBits, packed], [lengthBits, length]),
  });
const UNSOUND = zip('day.data', NDJSON, {
  behind: (_sum, packed, length) => words([32, 1], [32, packed], [32, length]),
});
const twice = (archive: Buffer): Buffer => Buffer.concat([archive.subarray(0, dataEnd(archive)), archive]);
const dataEnd = (archive: Buffer): number => archive.indexOf(words([32, 0x02014b50]));

test.each([
  ['plain', (text: Buffer) => text],
  ['gzipped', (text: Buffer) => gzipSync(text)],
  [
    'gzipped in two pieces',
    (text: Buffer) => Buffer.concat([gzipSync(text.subarray(0, 999)), gzipSync(text.subarray(999))]),
  ],
  [
    'gzipped in two files, of which the first has no last line end',
    (text: Buffer) => {
      const end = text.indexOf('\n', 999);
      return Buffer.concat([gzipSync(text.subarray(0, end)), gzipSync(text.subarray(end + 1))]);
    },
  ],
  ['gzipped under a name', (text: Buffer) => gzipWith(text, 8, 'day.ndjson\0')],
  ['gzipped and said to be text', (text: Buffer) => gzipWith(text, 1, '')],
  ['gzipped with a checksum of its header', (text: Buffer) => gzipWith(text, 2, '\x01\x02')],
  ['gzipped with an extra field', (text: Buffer) => gzipWith(text, 4, '\x03\0\0\x01\0')],
  ['gzipped with a comment', (text: Buffer) => gzipWith(text, 16, 'a comment\0')],
  [
    'gzipped with all that a header can hold',
    (text: Buffer) => gzipWith(text, 2 + 4 + 8 + 16, '\x03\0\0\x01\0day.ndjson\0a comment\0\x01\x02'),
  ],
  ['gzipped and padded to the block of a tape', (text: Buffer) => Buffer.concat([gzipSync(text), Buffer.alloc(9_999)])],
  ['a published archive', archived({})],
  ['an archive with the time of its file', archived({ extra: TIME_OF_FILE })],
  ['an archive that packs nothing', archived({ method: 0 })],
  [
    'an archive that packs nothing and tells its length wide',
    (text: Buffer) => {
      const wide = words([16, 1], [16, 16], [64, text.length], [64, text.length]);
      return zip('day.data', text, { method: 0, isWide: true, extra: Buffer.concat([TIME_OF_FILE, wide]) });
    },
  ],
  ['a streamed archive', (text: Buffer) => streamed(text, 32)],
  [
    'a streamed archive without the signature',
    archived({ behind: (sum, packed, length) => words([32, sum], [32, packed], [32, length]) }),
  ],
  ['a streamed archive with wide lengths', (text: Buffer) => streamed(text, 64)],
  ['with the line ends of Windows', (text: Buffer) => Buffer.from(text.toString().replaceAll('\n', '\r\n'))],
  ['behind the mark with which some editors begin', (text: Buffer) => Buffer.concat([Buffer.from('\uFEFF'), text])],
  ['without a last line end', (text: Buffer) => text.subarray(0, -1)],
])('bare frames, %s, are told by their content and not by their name', async (_how, pack) => {
  const file = await directory.write('anything.txt', pack(NDJSON));
  const { entries, fault } = await readAll(file);
  expect(fault).toBeUndefined();
  expect(textsOf(entries)).toEqual(FRAMES);
  expect(entries[1]).toMatchObject({ connection: 'archive', received: 1_733_011_200_200 });
});

test.each([
  ['gzip', gzipSync(NDJSON)],
  ['zip', zip('2024-12-01_SOLUSDT_ob500.data', NDJSON)],
  ['zip that packs nothing', zip('day.data', NDJSON, { method: 0 })],
])('a %s file that was cut off is read to its last whole line, and the error says where', async (name, whole) => {
  const file = await directory.write(name, whole.subarray(0, Math.floor(whole.length * 0.6)));
  const { entries, fault } = await readAll(file);
  expect(entries.length).toBeGreaterThan(150);
  expect(textsOf(entries)).toEqual(FRAMES.slice(0, entries.length));
  expect(fault?.code).toBe('damaged');
  expect(fault?.message).toBe(
    `${file}:${entries.length + 1} (byte ${Math.floor(whole.length * 0.6)}): ends early: it was cut off, or its writer was killed`,
  );
});

test.each([
  ['gzip', gzipWith(Buffer.from(`${FRAMES[0]}\n`), 2 + 4 + 8 + 16, '\x03\0\0\x01\0day.ndjson\0a comment\0\x01\x02')],
  ['zip', streamed(Buffer.from(`${FRAMES[0]}\n`), 32)],
])('at whichever byte a %s file is cut off, it ends early, and no line that was whole is lost', async (name, whole) => {
  const data = name === 'gzip' ? whole.length - 8 : dataEnd(whole) - 16;
  for (let end = 4; end <= (name === 'gzip' ? whole.length : data + 19); end++) {
    const isAll = name === 'gzip' && end === whole.length;
    const { entries, fault } = await readAll(await directory.write('cut', whole.subarray(0, end)));
    expect({ end, reason: fault?.reason.slice(0, 10), isRead: entries.length === 1 || end < data }).toEqual({
      end,
      reason: isAll ? undefined : 'ends early',
      isRead: true,
    });
  }
});

test.each([
  ['is encrypted', { flags: 1 }, 'is encrypted: unpack it first'],
  ['is packed as nobody else does', { method: 12 }, 'is packed with method 12: unpack it first'],
  ['packs nothing and is streamed', { method: 0, flags: 8 }, 'does not say how long its member is: unpack it first'],
])('an archive that %s is refused with the remedy', async (_how, archive, reason) => {
  const { entries, fault } = await readAll(await directory.write('day.zip', zip('day.data', NDJSON, archive)));
  expect({ entries, code: fault?.code, reason: fault?.reason }).toEqual({
    entries: [],
    code: 'damaged',
    reason: expect.stringContaining(reason) as string,
  });
});

test.each([
  ['a second file in it', twice(DAY), 'of which the first was read'],
  ['a second file in it, streamed', twice(streamed(NDJSON, 32)), 'of which the first was read'],
  ['a second file in it, streamed with wide lengths', twice(streamed(NDJSON, 64)), 'of which the first was read'],
  ['something else behind it', Buffer.concat([gzipSync(NDJSON), Buffer.from('and more')]), 'is no gzip data any more'],
  ['another checksum behind it', UNSOUND, 'its checksum is wrong'],
  ['an end within what stands behind it', UNSOUND.subarray(0, dataEnd(UNSOUND) - 1), 'ends early'],
  ['an end where a directory should begin', DAY.subarray(0, dataEnd(DAY)), 'ends early'],
])('an archive with %s is told of after its first file was read', async (_what, archive, reason) => {
  const { entries, fault } = await readAll(await directory.write('day.zip', archive));
  expect(textsOf(entries)).toEqual(FRAMES);
  expect(fault?.reason).toContain(reason);
});

test('a damaged byte in packed data ends the reading there; nothing before it is lost', async () => {
  const packed = gzipSync(NDJSON);
  const at = Math.floor(packed.length / 2);
  packed.fill(0xff, at, at + 64);
  const { entries, fault } = await readAll(await directory.write('damaged.gz', packed));
  expect(fault).toMatchObject({ code: 'damaged' });
  expect(fault?.place.byte).toBeGreaterThanOrEqual(at);
  const good = FRAMES.findIndex((frame, i) => textsOf(entries)[i] !== frame);
  expect(good).toBeGreaterThan(150);
});

test('what was written second by second is read up to the second that is damaged, and every line of it once', async () => {
  const rng = createRng(2);
  const line = (): string => bookFrame('delta', 1, [[`${rng.below(1e9)}`, `${rng.next()}`]], []);
  const seconds = Array.from({ length: 6 }, () => Array.from({ length: 500 }, line));
  const packed = seconds.map((lines) =>
    deflateRawSync(`${lines.join('\n')}\n`, { finishFlush: constants.Z_SYNC_FLUSH }),
  );
  const head = gzipSync('').subarray(0, 10);
  for (const second of [0, 1, 3, 5]) {
    const before = Buffer.concat([head, ...packed.slice(0, second)]);
    // No block begins so: it is noticed at its first byte, and zlib keeps what it has made of the others to itself.
    const broken = Buffer.concat([before, Buffer.from([7]), ...packed.slice(second)]);
    const { entries, fault } = await readAll(await directory.write('damaged.gz', broken));
    expect(textsOf(entries)).toEqual(seconds.slice(0, second).flat());
    expect(fault?.place).toEqual({ line: entries.length + 1, byte: before.length });
  }
  expect(Buffer.concat(packed).length).toBeGreaterThan(3 * PIECE_BYTES);
});

test.each([8, 4])(
  'a wrong checksum or length, %i bytes before the end, is told after everything was read',
  async (at) => {
    const packed = gzipSync(NDJSON);
    packed.writeUInt32LE(1, packed.length - at);
    const { entries, fault } = await readAll(await directory.write('checksum.gz', packed));
    expect(textsOf(entries)).toEqual(FRAMES);
    expect(fault?.reason).toContain('checksum');
  },
);

test('a line that is no frame ends the reading with its number and its place', async () => {
  const text = `${FRAMES[0]}\n\n${FRAMES[1]?.slice(0, 40)}\n${FRAMES[2]}\n`;
  const { entries, fault } = await readAll(await directory.write('torn.ndjson', text));
  expect(textsOf(entries)).toEqual([FRAMES[0]]);
  expect(fault?.place).toEqual({ line: 3, byte: (FRAMES[0]?.length ?? 0) + 2 });
});

test.each([
  ['an empty file', '', 'empty', 'is empty'],
  ['a file of blank lines', '\n\n', 'empty', 'holds no line'],
  ['a text', 'hello\n', 'foreign', 'no JSON object: a recording has one a line'],
  ['frames within a list', `[${FRAMES.join(',')}]`, 'foreign', 'no JSON object: a recording has one a line'],
  ['frames in a wrapping of one’s own', `{"frame":${FRAMES[0]}}`, 'foreign', 'no frame of Bybit: a recording has one'],
  ['another exchange', '{"t":"header","exchange":"KRAKEN"}\n', 'foreign', 'only Bybit'],
  ['an answer over REST', '{"retCode":0,"result":{}}\n', 'foreign', '--instruments'],
  ['a recording of tomorrow', '{"plotnost":"recording","version":2}\n', 'foreign', 'version 2'],
  ['a stranger', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), 'foreign', 'zstd'],
])('%s is refused with the reason', async (_what, content, code, reason) => {
  const { entries, fault } = await readAll(await directory.write('file', content));
  expect(entries).toEqual([]);
  expect(fault?.code).toBe(code);
  expect(fault?.message).toContain(reason);
});

const OURS = '{"plotnost":"recording","version":1,"instruments":[]}';
const KNOWN = '{"instrument":{"symbol":"SOLUSDT","tickSize":"0.010","qtyStep":"0.1","priceScale":3}}';
const CRYPTOFEED = '{"t":"header","exchange":"BYBIT"}';
const NO_KIND = 'the line is neither a frame nor an instrument, candles or scans';
const NO_CANDLE = 'the line holds a candle without minute, high and low';
const NO_SCANS = 'the line holds scans without symbol and numbers';
const NO_GRID = 'the line holds an instrument without a tick size or a quantity step';
const NO_TIME = 'the time of the frame is in no calendar';
const NO_FRAME = 'the frame has no data or no time';

test('scans that were recorded without saying which of them began anew are read all the same', async () => {
  const file = await directory.write('before.jsonl', `${OURS}\n{"scans":[["SOLUSDT",[1,2]]]}\n`);
  const scans = { kind: 'scans', symbol: 'SOLUSDT', sequences: [1, 2], anew: [] };
  expect(await readAll(file)).toEqual({ entries: [scans], fault: undefined });
});

test.each([
  [OURS, '{"t":1,"c":1,"f":"{', 'the line is no JSON object'],
  [OURS, '{"t":"1","c":1,"f":"{}"}', NO_KIND],
  [OURS, '{"t":1,"f":"{}"}', NO_KIND],
  [OURS, '{"t":1,"c":1,"f":{}}', NO_KIND],
  [OURS, '{"t":8640000000000001,"c":1,"f":"{}"}', NO_TIME],
  [OURS, '{"instruments":{}}', NO_KIND],
  [OURS, '{"candles":"SOLUSDT"}', NO_KIND],
  [OURS, '{"instrument":{"symbol":"SOLUSDT","tickSize":"0.010"}}', NO_GRID],
  [OURS, '{"candles":"SOLUSDT","rows":[[1,3,2],[2,3]]}', NO_CANDLE],
  [OURS, '{"candles":"SOLUSDT","rows":[[1,3.5,2]]}', NO_CANDLE],
  [OURS, '{"candles":"SOLUSDT","rows":[["1",3,2]]}', NO_CANDLE],
  [OURS, '{"candles":"SOLUSDT","rows":[1]}', NO_CANDLE],
  [OURS, '{"scans":[["SOLUSDT",[1]],["SOLUSDT",["2"]]]}', NO_SCANS],
  [OURS, '{"scans":[[1,[1]]]}', NO_SCANS],
  [OURS, '{"scans":[["SOLUSDT"]]}', NO_SCANS],
  [OURS, '{"scans":[["SOLUSDT",[1],["1"]]]}', NO_SCANS],
  [OURS, '{"scans":["SOLUSDT"]}', NO_SCANS],
  [CRYPTOFEED, '{"t":"recv","conn":"1","ts":1,"data":"', 'the line is no JSON object'],
  [CRYPTOFEED, '{"conn":"1","ts":1,"data":"{}"}', 'the line does not say what it is'],
  [CRYPTOFEED, '{"t":"recv","conn":"1","ts":1}', NO_FRAME],
  [CRYPTOFEED, '{"t":"recv","conn":"1","data":"{}"}', NO_FRAME],
  [CRYPTOFEED, '{"t":"recv","conn":"1","ts":1733011300000000000,"data":"{}"}', NO_TIME],
])('in a file that begins with %s the line %s ends the reading', async (head, line, reason) => {
  const { entries, fault } = await readAll(await directory.write('damaged', `${head}\n${line}\n${KNOWN}\n`));
  expect(entries).toEqual([]);
  expect(fault).toMatchObject({ code: 'damaged', reason, place: { line: 2, byte: head.length + 1 } });
});

test('the recording of another program tells grids by its answers, and nothing of markets that are not linear', async () => {
  const item = {
    priceScale: '3',
    priceFilter: { tickSize: '0.010' },
    lotSizeFilter: { qtyStep: '0.1' },
  };
  const answer = (category: string, path = 'instruments-info') => ({
    t: 'http',
    conn: 'rest',
    ts: 1,
    url: `https://api.bybit.com/v5/market/${path}?category=${category}`,
    data: JSON.stringify({ retCode: 0, result: { list: [{ ...item, symbol: `${category}-${path}` }] } }),
  });
  const lines = [
    { t: 'header', format: 2 },
    answer('spot'),
    answer('linear', 'tickers'),
    { ...answer('linear'), data: 'no JSON' },
    answer('linear'),
    { t: 'connect', conn: '1', ts: 1, addr: 'wss://stream.bybit.com/v5/public/linear' },
    { t: 'connect', conn: '2', ts: 1, addr: 'wss://stream.bybit.com/v5/public/spot' },
    { t: 'send', conn: '1', ts: 2, data: '{"op":"ping"}' },
    { t: 'recv', conn: '2', ts: 2, data: '{"spot":1}' },
    { t: 'recv', conn: '1', ts: 2.5, data: '{"币":1}' },
  ];
  const text = lines.map((line) => JSON.stringify(line)).join('\n');
  const { entries, fault } = await readAll(await directory.write('cryptofeed', text));
  expect(fault).toBeUndefined();
  expect(entries).toEqual([
    { kind: 'instrument', instrument: createInstrument('linear-instruments-info', '0.010', '0.1', 3) },
    { kind: 'frame', bytes: Buffer.from('{"币":1}'), connection: '1', received: 2_500, ours: false },
  ]);
});

test('a bare frame was received when it was sent, and one that does not tell with the one before it', async () => {
  const book = { topic: 'orderbook.500.SOLUSDT', type: 'snapshot', ts: 7, data: {} };
  const lines = [book, { topic: 'tickers.SOLUSDT', ts: 8 }, { op: 'pong' }, { ...book, ts: 9 }];
  const texts = lines.map((line) => JSON.stringify(line));
  const { entries } = await readAll(await directory.write('bare', texts.join('\n')));
  expect(textsOf(entries)).toEqual(texts);
  expect(entries).toMatchObject([7, 8, 8, 9].map((received) => ({ received, connection: 'archive', ours: false })));
});

test('a line that never ends is told with its number and its place, and holds no memory for ever', async () => {
  const first = `${FRAMES[0]}\n`;
  const endless = gzipSync(`${first}${'x'.repeat(66 * 1_048_576)}`);
  const { entries, fault } = await readAll(await directory.write('endless.gz', endless));
  expect(textsOf(entries)).toEqual([FRAMES[0]]);
  expect(fault?.place).toEqual({ line: 2, byte: first.length });
  expect(fault?.reason).toBe('the line has no end: no frame is that long');
});

test('that no line is that long is not said of many, however long the recording is', async () => {
  const piece = Buffer.alloc(16 * PIECE_BYTES, 'x');
  piece[0] = 0x0a;
  const pieces = 260; // 65 MiB of lines, each of which ends in the next piece
  const file: RecordFile = {
    path: 'long.data',
    size: pieces * piece.length,
    read: (_, length) => Promise.resolve(piece.subarray(0, length)),
    close: () => Promise.resolve(),
  };
  let lines = 0;
  for await (const some of readLines(file)) lines += some.length;
  expect(lines).toBe(pieces);
});

test('a missing file and a directory are told apart from damage', async () => {
  for (const [file, reason] of [
    [directory.path('nowhere'), 'there is no such file: check the path'],
    [directory.path('.'), 'is a directory or a device: name the files themselves'],
  ] as const) {
    expect((await readAll(file)).fault).toMatchObject({ code: 'missing', reason });
  }
});

test('a disk that fails in the middle of a file is told with the place and its word, as damage is', async () => {
  const file = await openRecord(REAL);
  await file.read(0, 10);
  // A handle that is gone under its reader answers as a disk that is.
  await file.close();
  await expect(file.read(10, 10)).rejects.toMatchObject({
    name: 'RecordError',
    code: 'damaged',
    reason: 'cannot be read on (EBADF): look at its disk',
    place: { byte: 10 },
  });
});

test('a list of instruments is no recording', async () => {
  expect((await readAll(REAL_INSTRUMENTS)).fault?.reason).toContain('--instruments');
});

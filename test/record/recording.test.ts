// Is every kind of recording read, and a broken one as far as it goes?
import { readFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { bookFrame, readAll, REAL, REAL_INSTRUMENTS, textsOf, useDirectory, zip } from './recorded.ts';

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

test.each([
  ['plain', (text: Buffer) => text],
  ['gzipped', (text: Buffer) => gzipSync(text)],
  [
    'gzipped in two pieces',
    (text: Buffer) => Buffer.concat([gzipSync(text.subarray(0, 999)), gzipSync(text.subarray(999))]),
  ],
  ['a published archive', (text: Buffer) => zip('2024-12-01_SOLUSDT_ob500.data', text)],
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

test('a wrong checksum is told after everything was read', async () => {
  const packed = gzipSync(NDJSON);
  packed.writeUInt32LE(1, packed.length - 8);
  const { entries, fault } = await readAll(await directory.write('checksum.gz', packed));
  expect(textsOf(entries)).toEqual(FRAMES);
  expect(fault?.reason).toContain('checksum');
});

test('a line that is no frame ends the reading with its number and its place', async () => {
  const text = `${FRAMES[0]}\n\n${FRAMES[1]?.slice(0, 40)}\n${FRAMES[2]}\n`;
  const { entries, fault } = await readAll(await directory.write('torn.ndjson', text));
  expect(textsOf(entries)).toEqual([FRAMES[0]]);
  expect(fault?.place).toEqual({ line: 3, byte: (FRAMES[0]?.length ?? 0) + 2 });
});

test.each([
  ['an empty file', '', 'empty', 'is empty'],
  ['a file of blank lines', '\n\n', 'empty', 'holds no line'],
  ['a text', 'hello\n', 'foreign', 'no JSON'],
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

test('a missing file and a directory are told apart from damage', async () => {
  for (const file of [directory.path('nowhere'), directory.path('.')]) {
    expect((await readAll(file)).fault?.code).toBe('missing');
  }
});

test('a list of instruments is no recording', async () => {
  expect((await readAll(REAL_INSTRUMENTS)).fault?.reason).toContain('--instruments');
});

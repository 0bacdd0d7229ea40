// Does what was recorded come back, byte for byte, and does a kill cost no more than the last second?
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import type { Ms } from '../../src/lib/brand.ts';
import { systemClock, type Clock } from '../../src/lib/clock.ts';
import { createInstrument, type Instrument } from '../../src/market/instrument.ts';
import type { Tick } from '../../src/market/units.ts';
import { createRecorder, type RecorderOptions } from '../../src/record/recorder.ts';
import { readAll, textsOf, useDirectory } from './recorded.ts';

const directory = useDirectory();
const SOL = createInstrument('SOLUSDT', '0.010', '0.1', 3) as Instrument;

const options = (clock: Clock = systemClock): RecorderOptions => ({
  environment: 'simulator',
  program: 'plotnost test',
  clock,
  log: { error: (fields, event) => expect.unreachable(`${event} ${JSON.stringify(fields)}`) },
  flag: '--out',
});

/** A clock whose seconds are called by hand. */
function handClock(): { readonly clock: Clock; readonly tick: () => void; readonly periods: () => Ms[] } {
  const runs = new Map<() => void, Ms>();
  const every: Clock['every'] = (period, run) => {
    runs.set(run, period);
    return { cancel: () => void runs.delete(run) };
  };
  return {
    clock: { ...systemClock, every },
    tick: () => [...runs.keys()].forEach((run) => run()),
    periods: () => [...runs.values()],
  };
}

test('frames of any bytes come back with time and connection, grids stand before them, each scan once', async () => {
  const at = 1_786_310_820_000;
  const { clock: hand, tick } = handClock();
  const clock: Clock = { ...hand, monotonic: () => 5_000 as Ms, wall: () => at as Ms };
  const path = directory.path('a.jsonl.gz');
  const recorder = await createRecorder(path, options(clock));
  const odd = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
  const chinese = Buffer.from('{"topic":"tickers.币安人生USDT"}');
  recorder.instrument(SOL);
  const candles = [{ minute: 29_771_847, high: 12_345 as Tick, low: 12_300 as Tick }];
  recorder.candles('SOLUSDT', candles);
  recorder.frame(odd, 7, 5_000.2502 as Ms);
  recorder.frame(chinese, 8, 5_100 as Ms);
  odd.fill(0); // the socket uses its memory again
  for (const sequence of [41, 42]) recorder.scanned('SOLUSDT', sequence, 1);
  recorder.scanned('币安人生USDT', 7, 1);
  tick();
  recorder.scanned('SOLUSDT', 43, 1);
  recorder.scanned('SOLUSDT', 44, 2);
  recorder.instrument(SOL); // in another place of the memory, whose densities had begun anew as often
  recorder.scanned('SOLUSDT', 45, 2);
  await recorder.close();
  const { entries, fault } = await readAll(path);
  expect(fault).toBeUndefined();
  const frame = { kind: 'frame', ours: true };
  expect(entries).toEqual([
    { kind: 'instrument', instrument: SOL },
    { kind: 'candles', symbol: 'SOLUSDT', candles },
    { ...frame, bytes: Buffer.from(Array.from({ length: 256 }, (_, i) => i)), connection: '7', received: at + 0.25 },
    { ...frame, bytes: chinese, connection: '8', received: at + 100 },
    { kind: 'scans', symbol: 'SOLUSDT', sequences: [41, 42], anew: [41] },
    { kind: 'scans', symbol: '币安人生USDT', sequences: [7], anew: [7] },
    { kind: 'instrument', instrument: SOL },
    { kind: 'scans', symbol: 'SOLUSDT', sequences: [43, 44, 45], anew: [44, 45] },
  ]);
});

test('what was flushed survives a kill', async () => {
  const { clock, tick, periods } = handClock();
  const path = directory.path('killed.jsonl.gz');
  const recorder = await createRecorder(path, options(clock));
  expect(periods(), 'once a second').toEqual([1_000]);
  for (let i = 0; i < 100; i++) recorder.frame(Buffer.from(`{"op":"ping","i":${i}}`), 1, i as Ms);
  tick();
  await expect.poll(async () => (await readFile(path)).length).toBeGreaterThan(500);
  const left = directory.path('left');
  await writeFile(left, await readFile(path)); // what a dead process leaves
  const { entries, fault } = await readAll(left);
  expect(entries).toHaveLength(100);
  expect(fault?.reason).toContain('its writer was killed');
  await recorder.close();
  expect(periods()).toEqual([]);
  expect((await readAll(path)).fault).toBeUndefined();
});

test('before the first frames are written there is no file: whoever is killed may record into the same again', async () => {
  const { clock, tick } = handClock();
  const path = directory.path('first.jsonl.gz');
  const killed = await createRecorder(path, options(clock));
  killed.instrument(SOL);
  tick();
  killed.frame(Buffer.from('{"op":"ping"}'), 1, 1 as Ms);
  const recorder = await createRecorder(path, options());
  expect(existsSync(path)).toBe(false);
  recorder.frame(Buffer.from('{"op":"pong"}'), 1, 1 as Ms);
  await recorder.close();
  expect(textsOf((await readAll(path)).entries)).toEqual(['{"op":"pong"}']);
  const silent = await createRecorder(directory.path('silent.gz'), options());
  await silent.close();
  expect(existsSync(silent.path)).toBe(false);
});

test('a recording never overwrites a file, and says so', async () => {
  const path = await directory.write('old', 'precious');
  await expect(createRecorder(path, options())).rejects.toMatchObject({ code: 'write', path });
  expect(await readFile(path, 'utf8')).toBe('precious');
  await expect(createRecorder(directory.path('no/such'), options())).rejects.toThrow(/directory does not exist/);
  await expect(createRecorder(`${path}/below`, options())).rejects.toThrow(/cannot be written \(ENOTDIR\)/);
  // Nor one that somebody else has made before the first frame came.
  const late = await createRecorder(directory.path('late'), options());
  const theirs = await directory.write('late', 'precious');
  late.frame(Buffer.from('{"op":"pong"}'), 1, 1 as Ms);
  await expect(late.close()).rejects.toThrow(/is not written over/);
  late.frame(Buffer.from('{"op":"pong"}'), 1, 1 as Ms);
  expect(late.frames, 'what is lost is not counted as recorded').toBe(1);
  expect(await readFile(theirs, 'utf8')).toBe('precious');
});

test('a disk that is far behind loses frames, counted and told; the others are whole', async () => {
  const told: object[] = [];
  const path = directory.path('slow.jsonl.gz');
  const { clock, tick } = handClock();
  const recorder = await createRecorder(path, { ...options(clock), log: { error: (fields) => told.push(fields) } });
  const large = Buffer.alloc(2 ** 20, 'x');
  // Nothing leaves this thread before the loop ends: the disk is as slow as can be.
  for (let i = 0; i < 80; i++) recorder.frame(large, 1, i as Ms);
  for (let second = 0; second < 3; second++) tick();
  await recorder.close();
  expect([recorder.frames, recorder.dropped], 'as much waits as is allowed').toEqual([64, 16]);
  expect(told, 'once, not every second').toEqual([{ path, dropped: recorder.dropped }]);
  const { entries, fault } = await readAll(path);
  expect(fault).toBeUndefined();
  expect(entries).toHaveLength(recorder.frames);
});

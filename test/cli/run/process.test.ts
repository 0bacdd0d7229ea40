// What does a run do with a reader who does not read, with a disk that hangs or fails, and with a file that has changed?
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import type { LoadedConfig } from '../../../src/cli/context.ts';
import { closeEach, Hangups, neverBlock, reloadOnHangup } from '../../../src/cli/run/process.ts';
import { parseConfig, type LoadResult } from '../../../src/config/load.ts';
import type { Config } from '../../../src/config/schema.ts';
import { memoryLog } from '../../store/fixtures.ts';

/** A terminal that is held until it is let go. */
class Held extends Writable {
  readonly shown: string[] = [];
  /** As Node's own streams have it. */
  readonly _handle = { isBlocking: true, setBlocking: (isBlocking: boolean) => (this._handle.isBlocking = isBlocking) };
  #letGo: (() => void) | undefined;

  override _write(text: Buffer, _encoding: string, done: () => void): void {
    this.shown.push(text.toString());
    this.#letGo = done;
  }

  read(): void {
    this.#letGo?.();
  }
}

test('what finds no more room with a reader who has stopped is left out, and he is told how much it was once he reads again', async () => {
  const terminal = new Held();
  const skipped: number[] = [];
  neverBlock(terminal as unknown as NodeJS.WriteStream, (writes) => skipped.push(writes));
  const page = 'x'.repeat(600_000);
  const taken = [page, page, 'left out', 'left out too'].map((text) => terminal.write(text));
  expect(taken).toEqual([false, false, false, false]);
  expect(skipped).toEqual([]);
  let drained = once(terminal, 'drain');
  terminal.read();
  terminal.read();
  await drained;
  expect(skipped).toEqual([2]);
  drained = once(terminal, 'drain');
  terminal.write(page);
  terminal.read();
  await drained;
  expect(skipped, 'once').toEqual([2]);
  expect(terminal.shown).toEqual([page, page, page]);
});

test('each write leaves the main thread free, also where a child that has the same pipe has made it wait for its reader', () => {
  const terminal = new Held();
  neverBlock(terminal as unknown as NodeJS.WriteStream, () => undefined);
  const seen: boolean[] = [];
  for (const text of ['first', 'second']) {
    terminal._handle.isBlocking = true;
    terminal.write(text);
    seen.push(terminal._handle.isBlocking);
  }
  expect(seen).toEqual([false, false]);
});

test('what cannot be closed is told, and everything behind it is closed all the same', async () => {
  const closed: string[] = [];
  const { log, lines } = memoryLog();
  const fails = (): never => {
    throw new Error('no room');
  };
  const late = async (): Promise<void> => {
    await Promise.resolve();
    closed.push('first');
  };
  await closeEach([late, fails, () => Promise.reject(new Error('gone')), () => closed.push('last')], log as never);
  expect(closed).toEqual(['first', 'last']);
  expect(lines.map(({ level, event, fields }) => [level, event, fields['reason']])).toEqual([
    ['error', 'run.unclosed', 'no room'],
    ['error', 'run.unclosed', 'gone'],
  ]);
});

test('a file is read again at each word of it: once after those that came while its disk hung, and not where it has a mistake', async () => {
  const load = (source: string): LoadResult => parseConfig(source, 'config.yaml', { env: {} });
  const first = { ...load(''), file: 'config.yaml', stateDir: '' } as LoadedConfig;
  const reads: ((result: LoadResult) => void)[] = [];
  const read = (): Promise<LoadResult> => new Promise((resolve) => reads.push(resolve));
  const levels: string[] = [];
  const inForce: Config[] = [];
  const { log, lines, said } = memoryLog();
  const calling = { ...log, setLevel: (level: string) => levels.push(level) };
  const hangup = (): boolean => process.emit('SIGHUP', 'SIGHUP');
  const hangups = new Hangups();
  hangup();
  reloadOnHangup(hangups, first, read, calling as never, (config) => inForce.push(config));
  expect(reads, 'what came before anybody could read is not forgotten').toHaveLength(1);
  hangup();
  hangup();
  expect(reads, 'each read that hangs costs a thread').toHaveLength(1);
  const answer = async (source: string, event: string): Promise<void> => {
    const told = said(event);
    reads.at(-1)?.(load(source));
    await told;
  };
  await answer('logging: {level: warn}', 'config.reloaded');
  await expect.poll(() => reads.length).toBe(2);
  await answer('logging: {level: quiet}', 'config.refused');
  hangup();
  await answer('logging: {level: warn}\nmarket: {slots: 70}', 'config.reloaded');
  hangup();
  await answer('', 'config.reloaded');
  hangups.close();
  hangup();
  expect([reads.length, levels, inForce.map(({ market }) => market.slots)]).toEqual([
    4,
    ['warn', 'warn', 'info'],
    [64, 70, 64],
  ]);
  const taken = ['logging.level'];
  expect(lines.map(({ event, fields }) => [event, fields['taken'], fields['later']])).toEqual([
    ['config.unread', undefined, undefined],
    ['config.unread', undefined, undefined],
    ['config.reloaded', taken, []],
    ['config.refused', undefined, undefined],
    ['config.reloaded', [], ['market.slots']],
    ['config.reloaded', taken, []],
  ]);
});

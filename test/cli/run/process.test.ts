// What does a run do with a reader who does not read?
import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { neverBlock } from '../../../src/cli/run/process.ts';

/** A terminal that is held until it is let go. */
class Held extends Writable {
  readonly shown: string[] = [];
  #letGo: (() => void) | undefined;

  override _write(text: Buffer, _encoding: string, done: () => void): void {
    this.shown.push(text.toString());
    this.#letGo = done;
  }

  read(): void {
    this.#letGo?.();
  }
}

test('what finds no more room with a reader who has stopped is left out, and he is told how much it was once he reads again', () => {
  const terminal = new Held();
  const skipped: number[] = [];
  neverBlock(terminal as unknown as NodeJS.WriteStream, (writes) => skipped.push(writes));
  const page = 'x'.repeat(600_000);
  const taken = [page, page, 'left out', 'left out too'].map((text) => terminal.write(text));
  expect(taken).toEqual([false, false, false, false]);
  expect(skipped).toEqual([]);
  terminal.read();
  terminal.read();
  terminal.write('heard again');
  expect(terminal.shown).toEqual([page, page, 'heard again']);
});

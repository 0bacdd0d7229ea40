// Does every hot function of the bench do the same each time it is asked, and end with its own books?
import { expect, test } from 'vitest';
import { syntheticFrames } from '../../../bench/frames/synthetic.ts';
import { createFunctionSubject, HOT_FUNCTIONS } from '../../../bench/functions/subject.ts';
import {
  type Compiler,
  findCompiler,
  buildNative,
  NATIVE,
  runNative,
  writeNativeFrames,
} from '../../../bench/measure/native.ts';
import { QUICK } from '../../../bench/measure/size.ts';
import { measureNativeWakeUps } from '../../../bench/machine/wake.ts';
import { compare } from '../../../bench/measure/comparison.ts';
import { checkBooks, expectedDigests } from '../../../bench/frames/reference-book.ts';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

test('each hot function can be called thousands of times, and gives the same result a second time', () => {
  const set = syntheticFrames(50, 4, 200, 7);
  for (const name of Object.keys(HOT_FUNCTIONS)) {
    const results = [0, 1].map(() => {
      const subject = createFunctionSubject(name, set);
      subject.begin();
      expect(subject.run(0)).toBeGreaterThan(0);
      return subject.digests();
    });
    expect({ name, ...results[0] }).toEqual({ name, ...results[1] });
  }
});

const compiler = findCompiler();

test.each(['darwin', 'win32'] as const)('on %s no limit is shown that only Linux can show', async (platform) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'plotnost-native-'));
  try {
    expect(await measureNativeWakeUps(folder, 5, platform)).toEqual([]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

// Nothing else of ours needs a compiler: without one the bench says that its row was not measured.
test.runIf(compiler !== undefined)('the C program ends with the books of the reference', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'plotnost-native-'));
  try {
    const set = syntheticFrames(200, 4, 600, 7);
    const program = buildNative(compiler as Compiler, folder);
    const frames = path.join(folder, 'frames');
    writeNativeFrames(frames, set);
    const { digests, timing } = await runNative(program, frames, set, 1);
    checkBooks({ variant: 'native C', set }, expectedDigests(set), digests);
    expect(timing?.ops).toBeGreaterThan(0);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.runIf(compiler !== undefined)(
  'each row shows its own garbage, also beside the C program, which makes none',
  async () => {
    const set = syntheticFrames(50, 4, 200, 7);
    const entries = [NATIVE, 'JSON.parse'].map((variant) => ({
      bench: 'book' as const,
      variant,
      version: '',
      own: false,
      keepsBook: variant === NATIVE,
      set,
    }));
    const rows = await compare(entries, { ...QUICK, rounds: 2, cpuMsMin: 1, peerGarbageOps: 400 }, () => undefined);
    expect(rows.map(({ garbageBytesPerOp }) => garbageBytesPerOp > 500)).toEqual([false, true]);
  },
);

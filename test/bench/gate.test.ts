// Is what was fast still fast beside what stands next to it? The gate of every submission, and that it shuts.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { judge } from '../../bench/gate.ts';

const GATE = fileURLToPath(new URL('../../bench/gate.ts', import.meta.url));
const bound = { says: 'one over the other', slower: 'one', faster: 'other' };

test('a ratio out of its bounds, garbage, and a time that is missing shut the gate', () => {
  const times = { slowerNs: 600, fasterNs: 200, garbageBytesPerOp: 0.1 };
  expect(judge({ ...bound, least: 3 }, times)).toEqual({ ratio: 3, broken: undefined });
  expect(judge({ ...bound, least: 3.1 }, times).broken).toBe('3.00 times, must be at least 3.1');
  expect(judge({ ...bound, most: 2.9 }, times).broken).toBe('3.00 times, may be 2.9 at most');
  expect(judge({ ...bound, most: 3, garbageMost: 4 }, { ...times, garbageBytesPerOp: 5 }).broken).toContain(
    '5.0 bytes of garbage',
  );
  expect(judge({ ...bound, least: 1 }, { ...times, slowerNs: Number.NaN }).broken).toContain('must be at least 1');
});

test('frame to book, level update and scan keep their ratios to what they are measured against, and make no garbage', async () => {
  const { code, out } = await new Promise<{ code: number; out: string }>((resolve) => {
    execFile(process.execPath, [GATE], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), out: stdout + stderr });
    });
  });
  expect({ code, out: code === 0 ? '' : out }).toEqual({ code: 0, out: '' });
});

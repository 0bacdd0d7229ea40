// Is what was fast still fast beside what stands next to it? The gate of every submission, and that it shuts.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { BOUNDS, judge, type Bound } from '../../bench/gate.ts';

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

test('a way from frame to book, or a scan, that takes twice as long shuts the gate', () => {
  const file = new URL('../../bench/results/reference-book.json', import.meta.url);
  const { rows } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly rows: readonly { readonly name: string; readonly depth: number; readonly nsPerOp: number }[];
  };
  const kept = (wanted: string): number =>
    rows.find(({ name, depth }) => name === wanted && depth === 200)?.nsPerOp ?? Number.NaN;
  const [book, , , scan] = BOUNDS as [Bound, Bound, Bound, Bound];
  const times = { slowerNs: kept('JSON.parse'), fasterNs: kept('plotnost'), garbageBytesPerOp: 0 };
  // The gate's own scans are of fewer books than the kept ones: as it tells of a machine that does little else.
  const scans = { slowerNs: 33_000, fasterNs: 5_800, garbageBytesPerOp: 0 };
  expect([judge(book, times).broken, judge(scan, scans).broken]).toEqual([undefined, undefined]);
  const slow = (of: typeof times) => ({ ...of, fasterNs: 2 * of.fasterNs });
  expect(judge(book, slow(times)).broken).toContain('must be at least 5');
  expect(judge(scan, slow(scans)).broken).toContain('must be at least 3.5');
});

test('frame to book, level update and scan keep their ratios to what they are measured against, and make no garbage', async () => {
  const { code, out } = await new Promise<{ code: number; out: string }>((resolve) => {
    execFile(process.execPath, [GATE], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), out: stdout + stderr });
    });
  });
  expect({ code, out: code === 0 ? '' : out }).toEqual({ code: 0, out: '' });
});

// Is what was fast still fast beside what stands next to it? The gate of every submission, and that it shuts.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { BOUNDS, judge } from '../../../bench/gate/main.ts';

const GATE = fileURLToPath(new URL('../../../bench/gate/main.ts', import.meta.url));
const bound = { says: 'one over the other', slower: 'one', faster: 'other' };

test('a ratio out of its bounds, garbage, and a time that is missing shut the gate', () => {
  const times = { slowerNs: 600, fasterNs: 200, garbageBytesPerOp: 0.1 };
  expect(judge({ ...bound, least: 3 }, times)).toEqual({ ratio: 3, broken: undefined });
  expect(judge({ ...bound, least: 3.1 }, times).broken).toBe('3.00 times, must be at least 3.1');
  expect(judge({ ...bound, most: 2.9 }, times).broken).toBe('3.00 times, may be 2.9 at most');
  expect(judge({ ...bound, most: 3, garbageMost: 4 }, { ...times, garbageBytesPerOp: 5 }).broken).toContain(
    '5.0 bytes of garbage',
  );
  expect(judge({ ...bound, garbageMost: 4 }, { ...times, garbageBytesPerOp: Number.NaN }).broken).toContain('garbage');
  expect(judge({ ...bound, most: 3 }, { ...times, slowerNs: Number.NaN }).broken).toContain('must be at least 0');
  // Neither way from frame to book may leave a number in a box for each operation.
  const boxed = BOUNDS.map(
    (one) => judge({ ...one, least: 0, most: 9 }, { ...times, garbageBytesPerOp: 12 }).broken !== undefined,
  );
  expect(boxed).toEqual([true, true, false, false]);
  expect(judge({ ...bound, least: 1 }, { ...times, slowerNs: Number.NaN }).broken).toContain('must be at least 1');
});

interface KeptRow {
  readonly name: string;
  readonly depth: number;
  readonly source: string;
  readonly nsPerOp: number;
}

test('what takes twice as long shuts the gate: a way from frame to book, a scan, and either in a deep book alone', () => {
  const kept = (bench: string, wanted: string, at: number): number => {
    const file = new URL(`../../../bench/results/reference-${bench}.json`, import.meta.url);
    const { rows } = JSON.parse(readFileSync(file, 'utf8')) as { readonly rows: readonly KeptRow[] };
    const row = rows.find(({ name, depth, source }) => name === wanted && depth === at && source === 'synthetic');
    return row?.nsPerOp ?? Number.NaN;
  };
  const depths = (bench: string, name: string) => [kept(bench, name, 1_000), kept(bench, name, 50)] as const;
  const times: readonly (readonly [slowerNs: number, fasterNs: number])[] = [
    [kept('book', 'JSON.parse', 200), kept('book', 'plotnost', 200)],
    depths('book', 'plotnost level update'),
    depths('scan', 'plotnost, whole scan'),
    // The gate's own scans are of fewer books than the kept ones: as it tells of a machine that does little else.
    [33_000, 5_800],
  ];
  const judged = (slows: number) =>
    BOUNDS.map((bound, i) => {
      const [slowerNs, fasterNs] = times[i] as (typeof times)[number];
      const isDepth = bound.most !== undefined;
      const [slower, faster] = isDepth ? [slows * slowerNs, fasterNs] : [slowerNs, slows * fasterNs];
      return judge(bound, { slowerNs: slower, fasterNs: faster, garbageBytesPerOp: 0 }).broken === undefined;
    });
  expect(judged(1)).toEqual([true, true, true, true]);
  expect(judged(2)).toEqual([false, false, false, false]);
});

test('frame to book, level update and scan keep their ratios to what they are measured against, and make no garbage', async () => {
  const { code, out } = await new Promise<{ code: number; out: string }>((resolve) => {
    execFile(process.execPath, [GATE], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), out: stdout + stderr });
    });
  });
  expect({ code, out: code === 0 ? '' : out }).toEqual({ code: 0, out: '' });
});

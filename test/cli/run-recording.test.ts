// Is what an engine heard while it traded kept, and does it trade on where it cannot be?
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { useDirectory } from '../record/recorded.ts';
import { smallDisk } from '../state/small-disk.ts';
import { replayed, runCli } from './replay-room.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const NODE = path.join(ROOT, 'node_modules', '.bin', 'node');
const directory = useDirectory();

interface End {
  readonly seconds: number;
  readonly books: { readonly live: number };
  readonly candidates: number;
  readonly analysis: { readonly scans: number };
  readonly recorded: { readonly file: string; readonly frames: number; readonly fault: string | null };
}

/** The last word of a run of so long, in line, beside an exchange of its own. */
function run(file: string, duration: string): End {
  const flags = ['--json', '--duration', duration, '--record', file, '--state-dir', directory.path('state')];
  const set = ['analysis.mode=inline', 'dashboard.port=0'].flatMap((one) => ['--set', one]);
  const { status, stdout, stderr } = spawnSync(NODE, [path.join(ROOT, 'src', 'main.ts'), 'run', ...flags, ...set], {
    encoding: 'utf8',
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as End;
}

test('what a run hears replays to the very books, and to every candidate that it judged', async () => {
  const file = directory.path('heard.jsonl.gz');
  const { recorded, candidates } = run(file, '12s');
  expect(recorded).toEqual({ file, frames: recorded.frames, dropped: 0, fault: null });
  const report = await replayed(file, '--verify');
  expect(report).toMatchObject({ frames: recorded.frames, gaps: 0, verify: { differences: 0 }, untrusted: [] });
  expect(candidates).toBeGreaterThan(0);
  expect(report.candidates.breakout + report.candidates.bounce).toBe(candidates);
});

test('a disk that is full ends the recording with its reason, and not the run', () => {
  const { dir, isSmall, fill } = smallDisk();
  const file = path.join(dir, 'heard.jsonl.gz');
  fill();
  const { recorded, books, seconds } = run(file, '12s');
  expect(seconds).toBeGreaterThanOrEqual(12);
  expect(books.live).toBeGreaterThanOrEqual(40);
  expect(recorded.fault).toEqual(
    isSmall ? 'cannot be written (ENOSPC): make room or name another file with --record' : null,
  );
  const log = readFileSync(directory.path(path.join('state', 'logs', 'plotnost.log')), 'utf8');
  expect(log.includes('"record.failed"')).toBe(isSmall);
});

test('it writes over no file, and nothing is begun', async () => {
  const file = await directory.write('mine.gz', 'precious');
  const ran = await runCli(['run', '--record', file, '--state-dir', directory.path('state')]);
  expect(ran).toMatchObject({
    code: 64,
    err: expect.stringContaining(
      `${file}: is there already and is not written over: name another file with --record`,
    ) as string,
  });
  expect(readFileSync(file, 'utf8')).toBe('precious');
  expect(existsSync(directory.path(path.join('state', 'journal')))).toBe(false);
});

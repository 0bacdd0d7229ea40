// Is what an engine heard while it traded kept, and does it trade on where it cannot be?
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test, vi } from 'vitest';
import { REAL, useDirectory } from '../../record/recorded.ts';
import { smallDisk } from '../../state/small-disk.ts';
import { replayed, runCli } from '../replay/replay-room.ts';
import { MAIN, NODE } from '../../program.ts';

const directory = useDirectory();

interface Status {
  readonly books: { readonly live: number };
  readonly candidates: number;
  readonly analysis: { readonly scans: number; readonly takeovers: number };
}

interface End extends Status {
  readonly recorded: { readonly file: string; readonly frames: number; readonly fault: string | null };
}

/** The last word of a run beside an exchange of its own, which is asked to end once it has seen enough. */
async function run(file: string, settings: readonly string[], isEnough: (status: Status) => boolean): Promise<End> {
  const set = ['dashboard.port=0', 'database.mode=off', ...settings].flatMap((one) => ['--set', one]);
  const flags = ['--json', '--record', file, '--state-dir', directory.path('state'), ...set];
  const child = spawn(NODE, [MAIN, 'run', ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = new Promise((resolve) => child.once('close', resolve));
  let last = '';
  let isAsked = false;
  for await (const line of createInterface({ input: child.stdout })) {
    last = line;
    // Once: who asks a run that is long in ending again, with its last word say, cuts it off.
    if (isAsked || !isEnough(JSON.parse(line) as Status)) continue;
    isAsked = child.kill('SIGTERM');
  }
  expect(await ended, errors).toBe(0);
  return JSON.parse(last) as End;
}

const hasJudged = ({ candidates }: Status): boolean => candidates > 100;

test('what a run hears replays to the very books, and to every candidate that it judged', async () => {
  const file = directory.path('heard.jsonl.gz');
  const { recorded, candidates } = await run(file, ['analysis.mode=inline'], hasJudged);
  expect(recorded).toEqual({ file, frames: recorded.frames, dropped: 0, fault: null });
  const report = await replayed(file, '--verify');
  expect(report).toMatchObject({ frames: recorded.frames, gaps: 0, verify: { differences: 0 }, untrusted: [] });
  expect(report.candidates.breakout + report.candidates.bounce).toBe(candidates);
});

test('a pool that takes messages together is replayed as it scanned', async () => {
  let file: string;
  let end: End;
  // Where the machine stands still a thread is taken for hung, and another begins anew with what it left: that is another test's.
  do {
    file = directory.path(`${randomUUID()}.gz`);
    end = await run(file, ['analysis.mode=pool', 'simulator.rate=8000'], hasJudged);
  } while (end.analysis.takeovers > 0);
  const { candidates, analysis } = end;
  const report = await replayed(file, '--as-recorded');
  expect(report.scans?.missed).toBe(0);
  // A scan of a book that is doubted judges nothing, and is not repeated.
  expect(report.scans?.recorded).toBeLessThanOrEqual(analysis.scans);
  expect(analysis.scans).toBeLessThan(report.deltas);
  expect(report.candidates.breakout + report.candidates.bounce).toBe(candidates);
  expect((await replayed(file, '--as-recorded', '--analysis', 'pool')).eventsSha256).toBe(report.eventsSha256);
});

test('only what a run recorded knows where it scanned', async () => {
  expect(await runCli(['replay', REAL, '--as-recorded'])).toMatchObject({
    code: 64,
    out: '',
    err: expect.stringContaining(
      '--as-recorded: only a recording of `run --record` holds where its books were scanned',
    ) as string,
  });
});

test('a disk that is full ends the recording with its reason, and not the run', async () => {
  const { dir, isSmall, fill } = smallDisk();
  const file = path.join(dir, 'heard.jsonl.gz');
  fill();
  const { recorded, candidates } = await run(file, ['analysis.mode=inline'], hasJudged);
  expect(candidates).toBeGreaterThan(100);
  expect(recorded.fault).toEqual(
    isSmall ? 'cannot be written (ENOSPC): make room or name another file with --record' : null,
  );
  const log = readFileSync(directory.path(path.join('state', 'logs', 'plotnost.log')), 'utf8');
  expect(log.includes('"record.failed"')).toBe(isSmall);
});

test('a run that is started again with the same words leaves what was recorded, and records beside it', async () => {
  const file = await directory.write('mine.gz', 'precious');
  const { recorded } = await run(file, ['analysis.mode=inline'], ({ books }) => books.live > 0);
  expect(recorded.file.slice(file.length)).toMatch(/^\.\d{4}-\d\d-\d\dT[\d-]+Z$/);
  expect(await replayed(recorded.file)).toMatchObject({ frames: recorded.frames, damaged: [] });
  expect(readFileSync(file, 'utf8')).toBe('precious');
});

test.each([
  ['folder that is not there', 'no/such.gz', 'its directory does not exist'],
  ['folder', '.', 'is there already and is not written over'],
  [
    'name that no folder can hold',
    'n'.repeat(300),
    'cannot be written (ENAMETOOLONG): name another file with --record',
  ],
])('a %s is no place for a recording, and nothing is begun', async (_what, name, reason) => {
  // A run ends its process, here that of the tests, five seconds after its last word.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const ran = await runCli(['run', '--record', directory.path(name), '--state-dir', directory.path('state')]);
  expect(ran).toMatchObject({ code: 64, err: expect.stringContaining(reason) as string });
  expect(existsSync(directory.path(path.join('state', 'journal')))).toBe(false);
});

// R12: killed at any moment, or out of power, does a journal lose a line that it has reported as synced?
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRng } from '../../src/lib/rng.ts';
import { systemDisk } from '../../src/state/disk.ts';
import { readJournal, segmentsOf } from '../../src/state/journal-read.ts';
import type { JournalFound } from '../../src/state/journal-read.ts';
import { JournalRoom, lineOf, seqOf, tests } from './journal-room.ts';

const CHILD = fileURLToPath(new URL('journal-child.ts', import.meta.url));
const KILLS = 50;
const SEED = 20_261_126;

let room: JournalRoom;
beforeEach(() => {
  room = new JournalRoom();
});
afterEach(() => room.remove());

/** The last seq that the child reported before it was killed, `ms` after its first report. */
async function killedAfter(ms: number, seed: number): Promise<number> {
  const child = spawn(process.execPath, [CHILD, room.dir, String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (text: Buffer) => {
    if (said === '') setTimeout(() => child.kill('SIGKILL'), ms);
    said += text.toString();
  });
  await new Promise((done) => child.on('close', done));
  const whole = said.slice(0, said.lastIndexOf('\n')).split('\n');
  return Number(whole.at(-1));
}

/** What a power cut may do behind the last line that was synced: keep a part of it, lose it, or fill it with noise. */
function tear(synced: number, chance: () => number): void {
  const newest = segmentsOf(room.files).at(-1)?.file as string;
  const bytes = room.read(newest);
  const text = bytes.toString('latin1');
  const at = text.split('\n').findIndex((line) => tests.check(line) && seqOf(line) === synced);
  if (at < 0) return; // its line ended the segment before
  const from =
    text
      .split('\n')
      .slice(0, at + 1)
      .join('\n').length + 1;
  const cut = from + Math.floor(chance() * (bytes.length - from));
  const noise = Buffer.from(lineOf(synced + 1).slice(0, Math.floor(chance() * 20)));
  room.write(newest, chance() < 0.5 ? bytes.subarray(0, cut) : Buffer.concat([bytes.subarray(0, from), noise]));
}

async function boot(): Promise<JournalFound> {
  return readJournal(`${room.dir}/journal`, tests, Date.now() as Parameters<typeof readJournal>[2], systemDisk);
}

test(`R12: ${KILLS} kills: every line that was reported as synced is there on the next boot, the torn tail is cut`, async () => {
  const rng = createRng(SEED);
  let lines = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const synced = await killedAfter(rng.below(120), rng.below(2 ** 31));
    if (kill % 2 === 1) tear(synced, () => rng.next());
    const found = await boot();
    const seqs = found.lines.map(seqOf);
    const context = `seed ${SEED}, kill ${kill}, synced ${synced}`;
    expect(seqs.at(-1), context).toBeGreaterThanOrEqual(synced);
    expect(seqs, context).toEqual(seqs.map((_, i) => (seqs[0] as number) + i));
    expect(seqs[0] === 1 || tests.isCheckpoint(found.lines[0] as string), context).toBe(true);
    expect(
      found.faults.filter(({ kind }) => kind !== 'torn-tail'),
      context,
    ).toEqual([]);
    for (const fault of found.faults) {
      expect(existsSync(`${room.dir}/journal/${(fault as { copy: string }).copy}`), context).toBe(true);
    }
    expect((await boot()).faults, context).toEqual([]);
    lines = seqs.at(-1) as number;
  }
  expect(lines).toBeGreaterThanOrEqual(KILLS);
  // Whether a kill or a cut came in the middle of a line is chance; this one has.
  const newest = segmentsOf(room.files).at(-1)?.file as string;
  room.write(newest, Buffer.concat([room.read(newest), Buffer.from(lineOf(lines + 1).slice(0, 12))]));
  expect(await boot()).toMatchObject({ faults: [{ kind: 'torn-tail' }] });
});

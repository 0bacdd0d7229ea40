// What does the journal on the disk add up to, while nobody writes it? From its last checkpoint, and from its very first line.
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { decodeRecord, replay, stateHash, type JournalRecord, type JournalState } from '../../src/order/journal.ts';
import { plainReplay } from '../order/plain-journal.ts';

/** Undefined: the daemon has not come so far as to begin one. */
export async function readRecords(stateDir: string): Promise<readonly JournalRecord[] | undefined> {
  const account = (await readdir(stateDir)).find((name) => name.startsWith('simulator-'));
  if (account === undefined) return undefined;
  const dir = path.join(stateDir, account, 'journal');
  const names = (await readdir(dir)).filter((name) => /^\d{8}(\.dead)?\.log$/.test(name)).toSorted();
  const texts = await Promise.all(names.map((name) => readFile(path.join(dir, name), 'utf8')));
  // Zeros are room made in advance; what was torn is no line.
  const lines = new Set(texts.flatMap((text) => text.replaceAll('\0', '').split('\n')));
  return [...lines].flatMap((line) => {
    const decoded = decodeRecord(line);
    return decoded.ok ? [decoded.record] : [];
  });
}

/** As the next start must find it. */
export function hashOf(records: readonly JournalRecord[]): string {
  return stateHash(fromCheckpoint(records));
}

/** Does the last checkpoint say what all records before it say? Checkpoints may only forget what is long over. */
export function differences(records: readonly JournalRecord[], way: 'quick' | 'plain'): readonly string[] {
  const told = plain(fromCheckpoint(records));
  const bare = records.filter(({ kind }) => kind !== 'CHECKPOINT');
  const whole = plain(way === 'quick' ? replay(bare) : plainReplay(bare));
  const found: string[] = [];
  for (const name of ['trades', 'fills', 'counters', 'mode'] as const)
    if (!isDeepStrictEqual(told[name], whole[name])) found.push(name);
  for (const name of ['orders', 'finished', 'applied'] as const) {
    for (const [key, value] of Object.entries(told[name]))
      if (!isDeepStrictEqual(value, whole[name][key])) found.push(`${name}.${key}`);
  }
  return found;
}

function fromCheckpoint(records: readonly JournalRecord[]): JournalState {
  return replay(
    records.slice(
      Math.max(
        0,
        records.findLastIndex(({ kind }) => kind === 'CHECKPOINT'),
      ),
    ),
  );
}

const plain = (state: JournalState): JournalState => JSON.parse(JSON.stringify(state)) as JournalState;

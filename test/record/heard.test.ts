// Does what an engine heard while it traded, replayed, tell once more all that its analysis told?
import { expect, test } from 'vitest';
import { Replayer } from '../../src/backtest/replayer.ts';
import { systemClock } from '../../src/lib/clock.ts';
import type { Entry } from '../../src/record/entry.ts';
import { eventText, type AnalysisEvent } from '../../src/scan/event.ts';
import { VirtualEngine } from '../safety/virtual-engine.ts';

/** What is of this process alone: slots and their tenancies, and the local clock. */
const textOf = (event: AnalysisEvent, symbol: string): string =>
  `${symbol} ${eventText({ ...event, slot: 0, tenancy: 0, epoch: 0, receivedMs: 0 })}`;

/** What the replay of `entries` tells. */
async function again(entries: readonly Entry[], { config }: VirtualEngine, asRecorded: boolean): Promise<string[]> {
  const told: string[] = [];
  const symbols: string[] = [];
  const replayer = new Replayer({
    params: config.strategy,
    extremaMinutes: config.strategy.tpLocalExtremaHours * 60,
    mode: 'inline',
    workers: 1,
    clock: systemClock,
    verify: false,
    asRecorded,
    onNotice: ({ event }) => expect.unreachable(event),
    stage: {
      attached: (slot, { symbol }) => (symbols[slot] = symbol),
      detached: () => undefined,
      moved: () => undefined,
      onEvent: (event) => told.push(textOf(event, symbols[event.slot] as string)),
    },
  });
  for (const entry of entries) await replayer.take(entry);
  return told.toSorted();
}

test('in line, every density, candidate and signal comes again from the frames alone', async () => {
  const entries: Entry[] = [];
  const scans: Entry[] = [];
  const told: string[] = [];
  const life = new VirtualEngine({
    seed: 4,
    symbols: 4,
    settings: [],
    onEvent: (event, { symbol }) => told.push(textOf(event, symbol)),
    recorder: {
      instrument: (instrument) => entries.push({ kind: 'instrument', instrument }),
      candles: (symbol, candles) => entries.push({ kind: 'candles', symbol, candles }),
      frame: (bytes, connection, received) =>
        entries.push({ kind: 'frame', bytes: Buffer.from(bytes), connection: `${connection}`, received, ours: true }),
      scanned: (symbol, sequence) => scans.push({ kind: 'scans', symbol, sequences: [sequence] }),
    },
  });
  await life.until('may trade', 30_000, () => life.mayTrade);
  await life.run(120_000);
  told.sort();
  expect(told.filter((text) => text.includes(' signal ')).length).toBeGreaterThan(0);
  expect(await again(entries, life, false)).toEqual(told);
  // In line there is a scan for every message.
  expect(await again([...scans, ...entries], life, true)).toEqual(told);
  const fewer = scans.filter((_, i) => i % 2 === 0);
  expect(await again([...fewer, ...entries], life, true)).not.toEqual(told);
});

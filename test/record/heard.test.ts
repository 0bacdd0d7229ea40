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

test('in line, every density, candidate and signal comes again from the frames alone', async () => {
  const entries: Entry[] = [];
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
    },
  });
  await life.until('may trade', 30_000, () => life.mayTrade);
  await life.run(120_000);

  const again: string[] = [];
  const symbols: string[] = [];
  const { strategy } = life.config;
  const replayer = new Replayer({
    params: strategy,
    extremaMinutes: strategy.tpLocalExtremaHours * 60,
    mode: 'inline',
    workers: 1,
    clock: systemClock,
    verify: false,
    onNotice: ({ event }) => expect.unreachable(event),
    stage: {
      attached: (slot, { symbol }) => (symbols[slot] = symbol),
      detached: () => undefined,
      moved: () => undefined,
      onEvent: (event) => again.push(textOf(event, symbols[event.slot] as string)),
    },
  });
  for (const entry of entries) await replayer.take(entry);
  expect(told.filter((text) => text.includes(' signal ')).length).toBeGreaterThan(0);
  expect(again.toSorted()).toEqual(told.toSorted());
});

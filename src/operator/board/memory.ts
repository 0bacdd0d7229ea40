// What of main's memory does the operator thread see? The arenas, mapped once; it writes into none of them.
import { mapBooks, type BookMemory } from '../../book/layout.ts';
import { mapLives, type LifeMemory } from '../../scan/layout.ts';
import { mapTape, type TapeMemory } from '../../tape/layout.ts';
import { mapLatencies, type Latencies } from '../metrics/latency.ts';
import type { OperatorArenas } from '../port.ts';

export interface Memory {
  readonly books: BookMemory;
  readonly tape: TapeMemory;
  readonly lives: LifeMemory;
  readonly latencies: Latencies;
}

export function mapMemory({ slots, books, tape, lives, latencies }: OperatorArenas): Memory {
  return {
    books: mapBooks(books, slots),
    tape: mapTape(tape),
    lives: mapLives(lives, slots),
    latencies: mapLatencies(latencies),
  };
}

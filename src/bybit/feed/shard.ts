// Which connection carries which symbols? All topics of one symbol on one.
import type { Ms } from '../../lib/brand.ts';
import type { PublicSocket } from './public-socket.ts';
import type { Subscriptions } from './subscriptions.ts';
import type { Watched } from './watched.ts';

/** A socket, its subscriptions and the symbols that live on it. */
export interface Shard {
  readonly name: string;
  readonly socket: PublicSocket;
  readonly subscriptions: Subscriptions;
  readonly watched: Set<Watched>;
  /** When it was last cut for the sake of one silent symbol. */
  cutAt: number;
  /** Monotonic times of unreadable frames (W15). */
  readonly unreadable: number[];
}

/** Book, the next depth's book, touch, trades, ticker. */
const TOPICS_PER_SYMBOL = 5;
/** `"orderbook.1000.` + `",` and the like around the symbol, summed over its topics. */
const CHARACTERS_PER_SYMBOL = 80;
/** The exchange allows 21,000 characters of topics a connection. */
const CHARACTERS_MAX = 20_000;

function load(shard: Shard): { topics: number; characters: number } {
  let characters = 0;
  for (const watched of shard.watched) characters += CHARACTERS_PER_SYMBOL + TOPICS_PER_SYMBOL * watched.symbol.length;
  return { topics: shard.watched.size * TOPICS_PER_SYMBOL, characters };
}

/** The emptiest shard that has room for one more symbol; undefined where a new connection is needed. */
export function shardWithRoom(shards: readonly Shard[], symbol: string, topicsMax: number): Shard | undefined {
  const more = CHARACTERS_PER_SYMBOL + TOPICS_PER_SYMBOL * symbol.length;
  return shards
    .filter((shard) => {
      const { topics, characters } = load(shard);
      // A connection carries at least one symbol, whatever the configuration says.
      return topics === 0 || (topics + TOPICS_PER_SYMBOL <= topicsMax && characters + more <= CHARACTERS_MAX);
    })
    .sort((a, b) => a.watched.size - b.watched.size)[0];
}

const UNREADABLE_WINDOW_MS = 10_000;
const UNREADABLE_MAX = 3;
const BROKEN_SHARE = 0.3;
const BROKEN_MIN = 3;

/** Counts an unreadable frame; true at the third in 10 s. */
export function isGarbled(shard: Shard, now: Ms): boolean {
  shard.unreadable.push(now);
  while ((shard.unreadable[0] as number) < now - UNREADABLE_WINDOW_MS) shard.unreadable.shift();
  return shard.unreadable.length >= UNREADABLE_MAX;
}

/** Are so many of its books broken that one reconnect is kinder than many resyncs? (B09) */
export function isBroken(shard: Shard): boolean {
  let broken = 0;
  for (const watched of shard.watched) if (watched.isBroken) broken++;
  return broken >= BROKEN_MIN && broken > shard.watched.size * BROKEN_SHARE;
}

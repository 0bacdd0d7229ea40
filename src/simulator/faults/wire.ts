// What can go wrong between a client and the exchange, whatever is said? Frames, texts, connections.
import { z } from 'zod';
import { CHANNEL_KINDS, type Trouble } from '../channel.ts';
import type { Connection } from '../connection.ts';
import { DEPTHS } from '../profile.ts';
import type { PublicSession } from '../public-session.ts';
import type { Ms } from '../../lib/brand.ts';
import { COUNT, type Fault, fault, MS, type Stage, SYMBOL } from './fault.ts';
import type { FrameFault } from './frame-faults.ts';

const DEPTH = z.literal([1, 50, 200, 1000]).optional();
const KIND = z.enum(['public', 'private', 'trade']).optional();
const CHANNEL = z.enum(CHANNEL_KINDS);
const ALWAYS = 10_000;

function frame(kind: FrameFault, does: string): Fault {
  return fault(does, { symbol: SYMBOL.optional(), depth: DEPTH, count: COUNT }, (stage, given) => {
    stage.frames.arm(kind, given.symbol, given.depth, given.count);
  });
}

function resnapshot(restarted: boolean, does: string): Fault {
  return fault(does, { symbol: SYMBOL.optional(), depth: DEPTH }, ({ market }, { symbol, depth }) => ({
    books: market.resnapshot(symbol, depth === undefined ? DEPTHS : [depth], restarted),
  }));
}

const TEXTS = {
  channel: CHANNEL,
  direction: z.enum(['in', 'out']).default('out'),
  count: COUNT,
  holds: z.string().min(1).optional(),
  perTenThousand: z.int().min(1).max(ALWAYS).default(ALWAYS),
};

function trouble(kind: Trouble, does: string): Fault {
  return fault(does, TEXTS, ({ troubles, agenda }, { channel, ...order }) => {
    troubles.arm({ ...order, trouble: kind, kind: channel }, agenda.monotonic());
  });
}

function waiting(kind: 'delay' | 'freeze', does: string): Fault {
  return fault(does, { ...TEXTS, ms: MS }, ({ troubles, agenda }, { channel, ...order }) => {
    troubles.arm({ ...order, trouble: kind, kind: channel }, agenda.monotonic());
  });
}

/** Of the named kind, or all; with a symbol those public ones that hear it. */
function concerned(
  { connections, sessions }: Stage,
  kind: Connection['kind'] | undefined,
  symbol: string | undefined,
): Connection[] {
  if (symbol !== undefined)
    return [...sessions].filter((session) => topicsOf(session, symbol).length > 0).map(({ connection }) => connection);
  return [...connections].filter((connection) => (kind ?? connection.kind) === connection.kind);
}

const topicsOf = (session: PublicSession, symbol: string): string[] =>
  [...session.topics].filter((topic) => topic.endsWith(`.${symbol}`));

export const WIRE_FAULTS: Readonly<Record<string, Fault>> = {
  'drop-delta': frame('drop-delta', 'the next book deltas are lost'),
  'duplicate-delta': frame('duplicate-delta', 'the next book deltas come twice'),
  'reorder-deltas': frame('reorder-deltas', 'two deltas change places'),
  'truncate-frame': frame('truncate-frame', 'a delta is cut off in the middle'),
  'crossed-book': frame('crossed-book', 'a delta puts a bid above the best ask'),
  'corrupt-number': frame('corrupt-number', 'a size is no plain decimal'),
  'off-grid': frame('off-grid', 'a price is no whole number of ticks'),
  'restart-u1': resnapshot(true, 'books start over with a snapshot and u = 1'),
  'snapshot-midstream': resnapshot(false, 'a snapshot among the deltas'),
  'silent-topic': fault(
    'a topic, or a symbol’s topics, fall silent until they are subscribed again or for ms',
    { topic: z.string().optional(), symbol: SYMBOL.optional(), depth: DEPTH, ms: MS.optional() },
    ({ sessions }, { topic, symbol, depth, ms }) => {
      if (topic === undefined && symbol === undefined) return 'topic or symbol: which topic falls silent?';
      const wanted = (session: PublicSession): string[] =>
        topic !== undefined
          ? [topic]
          : topicsOf(session, symbol ?? '').filter(
              (name) => depth === undefined || name.startsWith(`orderbook.${depth}.`),
            );
      let topics = 0;
      for (const session of sessions) {
        for (const name of wanted(session)) {
          session.silence(name, ms as Ms | undefined);
          topics++;
        }
      }
      return { topics };
    },
  ),
  'reject-topic': fault(
    'requests that hold this topic are refused, for good or for ms',
    { topic: z.string(), ms: MS.optional() },
    ({ rejected, agenda }, { topic, ms }) => {
      rejected.set(topic, agenda.monotonic() + (ms ?? Infinity));
    },
  ),
  drop: trouble('drop', 'texts of a channel are lost'),
  delay: waiting('delay', 'a text of a channel, and all behind it, comes ms later'),
  duplicate: trouble('duplicate', 'texts of a channel come twice'),
  reorder: trouble('reorder', 'a text of a channel comes after the next one'),
  truncate: trouble('truncate', 'texts of a channel are cut off in the middle'),
  freeze: waiting('freeze', 'a channel stands still for ms, then everything comes at once'),
  'half-open': fault(
    'connections stand, but nothing is sent, read or answered any more',
    { channel: KIND, symbol: SYMBOL.optional() },
    (stage, { channel, symbol }) => {
      const connections = concerned(stage, channel, symbol);
      for (const connection of connections) connection.goDeaf();
      return { sockets: connections.length };
    },
  ),
  cut: fault(
    'connections end: without a closing word, or with a close code',
    { channel: KIND, symbol: SYMBOL.optional(), code: z.int().min(1_000).max(4_999).optional() },
    (stage, { channel, symbol, code }) => {
      const connections = concerned(stage, channel, symbol);
      for (const connection of connections) connection.cut(code);
      return { sockets: connections.length };
    },
  ),
  'refuse-connections': fault(
    'new connections are refused for ms: hung up on, or answered with an HTTP status',
    { channel: KIND, ms: MS, status: z.literal([401, 403, 503]).optional() },
    ({ doors, agenda }, { channel, ms, status }) =>
      doors.shut(status === undefined ? 'refused' : { status }, channel, agenda.monotonic() + ms),
  ),
  'black-hole': fault(
    'for ms new connections are taken and their upgrade is never answered',
    { channel: KIND, ms: MS },
    ({ doors, agenda }, { channel, ms }) => doors.shut('black-hole', channel, agenda.monotonic() + ms),
  ),
};

// What did the simulated market really do? Its ground-truth log, one JSON object a line, read strictly.
import { z } from 'zod';
import { CliError, EXIT } from '../context.ts';

const price = z.string().regex(/^\d+(\.\d+)?$/, 'a plain decimal as text');
const ms = z.number();
const usdt = z.number();
const side = z.enum(['bid', 'ask']);

const runLine = z.object({
  kind: z.literal('run'),
  thresholds: z.object({ minLifetimeMs: z.number().positive() }),
});

const wallLine = z.object({
  kind: z.literal('wall'),
  id: z.number(),
  symbol: z.string(),
  side,
  lowPrice: price,
  highPrice: price,
  bornMs: ms,
  /** Null: it stood when the market was closed. */
  endedMs: ms.nullable(),
  ending: z.enum(['eaten', 'pulled', 'moved', 'held']),
  decoy: z.enum(['flicker', 'grid', 'edge', 'half-pulled']).nullable(),
  movedTo: z.number().nullish(),
  eaten: usdt,
  pulled: usdt,
  refilled: usdt,
  /** From each moment to the next: the least of value ÷ threshold, and 1 where it stood inside the subscribed window. */
  view: z.array(z.tuple([ms, z.number(), z.union([z.literal(0), z.literal(1)])])),
});

const naturalLine = z.object({
  kind: z.literal('natural'),
  symbol: z.string(),
  side,
  price,
  fromMs: ms,
  toMs: ms,
  peakRatio: z.number(),
});

const endLine = z.object({ kind: z.literal('end') });

const line = z.discriminatedUnion('kind', [runLine, wallLine, naturalLine, endLine]);

export type TruthWall = Readonly<z.infer<typeof wallLine>>;
export type TruthNatural = Readonly<z.infer<typeof naturalLine>>;

export interface Truth {
  readonly minLifetimeMs: number;
  readonly walls: readonly TruthWall[];
  readonly naturals: readonly TruthNatural[];
}

const REMEDY =
  'run the simulator again, on a disk with room, and let it end by itself or by SIGTERM, so that the log is whole';

/** Says where it cannot be read and what to do. */
const refusal = (where: string): CliError => new CliError(`truth log${where}: ${REMEDY}`, EXIT.data);

function parseLine(text: string, number: number): z.infer<typeof line> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw refusal(` line ${number}: no JSON (cut off?)`);
  }
  const parsed = line.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const place = issue?.path.join('.') ?? '';
  const where = place === '' ? 'the line' : place;
  throw refusal(` line ${number}: ${where}: ${issue?.message ?? 'not understood'}`);
}

/** @throws {CliError} where a line cannot be read or is missing */
export function readTruth(lines: Iterable<string>): Truth {
  const walls: TruthWall[] = [];
  const naturals: TruthNatural[] = [];
  let minLifetimeMs: number | undefined;
  let isWhole = false;
  let number = 0;
  for (const text of lines) {
    number += 1;
    if (text.trim() === '') continue;
    const entry = parseLine(text, number);
    if (entry.kind === 'run') minLifetimeMs = entry.thresholds.minLifetimeMs;
    else if (entry.kind === 'wall') walls.push(entry);
    else if (entry.kind === 'natural') naturals.push(entry);
    else isWhole = true;
  }
  if (minLifetimeMs === undefined) {
    throw refusal(': no line of kind "run", which names the thresholds');
  }
  if (!isWhole) throw refusal(': it breaks off before its line of kind "end"');
  return { minLifetimeMs, walls, naturals };
}

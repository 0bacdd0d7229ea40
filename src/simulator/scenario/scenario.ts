// What does a scenario say? When what happens, and what must be found in the ledger by when.
import { z } from 'zod';
import { FAULTS } from '../faults/table.ts';
import { SYMBOLS_MAX } from '../listing.ts';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const PART = /(\d+)(ms|s|m|h)/g;

/** Undefined for anything but whole numbers with units, as in `250ms`, `5s`, `1m30s`, `2h`. */
function msFromText(text: string): number | undefined {
  if (!/^(?:\d+(?:ms|s|m|h))+$/.test(text)) return undefined;
  let sum = 0;
  for (const [, count, unit] of text.matchAll(PART)) sum += Number(count) * (UNIT_MS[unit ?? ''] ?? 0);
  return Number.isSafeInteger(sum) ? sum : undefined;
}

const TIME = z.string().transform((text, context) => {
  const ms = msFromText(text);
  if (ms !== undefined) return ms;
  context.addIssue({ code: 'custom', message: `"${text}" is no time: write 250ms, 5s, 1m30s or 2h` });
  return z.NEVER;
});

/** What an account may be made to ask, as if its owner had. */
export const ASKS = ['create', 'amend', 'cancel', 'cancelAll', 'tradingStop', 'setLeverage'] as const;

const KINDS = Object.keys(FAULTS);
const STEP = z
  .strictObject({
    at: TIME.optional(),
    every: TIME.optional(),
    times: z.int().min(1).max(100_000).optional(),
    do: z.string().optional(),
    ask: z.enum(ASKS).optional(),
    uid: z.int().optional(),
    with: z.record(z.string(), z.unknown()).default({}),
  })
  .superRefine((step, context) => {
    const say = (path: string, message: string): void => context.addIssue({ code: 'custom', path: [path], message });
    if (step.at === undefined && step.every === undefined) say('at', 'is missing: give at: or every:');
    if (step.times !== undefined && step.every === undefined) say('times', 'goes with every: only');
    if (step.every === 0) say('every', 'must be longer than nothing');
    if ((step.do === undefined) === (step.ask === undefined))
      say('do', 'give either do: (a fault) or ask: (a request)');
    if (step.do !== undefined && !KINDS.includes(step.do))
      say('do', `"${step.do}" is none of the faults: npx plotnost simulator --help lists them`);
    if (step.uid !== undefined && step.ask === undefined) say('uid', 'goes with ask: only; a fault takes it in with:');
    const fault = step.do === undefined ? undefined : FAULTS[step.do];
    for (const issue of fault?.parameters.safeParse(step.with).error?.issues ?? []) {
      if (issue.code !== 'unrecognized_keys') {
        context.addIssue({ ...issue, path: ['with', ...issue.path] });
        continue;
      }
      const known = Object.keys(fault?.parameters.shape ?? {}).join(', ');
      for (const key of issue.keys)
        context.addIssue({ code: 'custom', path: ['with', key], message: `is none of: ${known}; take it out` });
    }
  });

const BOUND = z.strictObject({ above: z.string().optional(), below: z.string().optional() });
const WHERE = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null(), BOUND]));

const EXPECTATION = z.strictObject({
  by: TIME,
  after: TIME.optional(),
  ledger: z.enum(['order', 'fill', 'position', 'stop', 'wallet', 'clock', 'act']),
  where: WHERE.default({}),
  /** How many lines there must be at least and at most. */
  least: z.int().min(0).default(1),
  most: z.int().min(0).optional(),
  /** What the last of them must say. */
  last: WHERE.optional(),
});

const PLAIN = z.union([z.string(), z.number(), z.boolean()]);

/** What an engine that lives through it must have traded, one after another: no more, no less, nothing else. */
const TRADE = z.strictObject({
  symbol: z.string(),
  side: z.enum(['long', 'short']).optional(),
  strategy: z.enum(['breakout', 'bounce']).optional(),
  reason: z.string(),
});

export const SCENARIO = z.strictObject({
  name: z.string().min(1),
  seed: z.int().min(0).max(4_294_967_295).optional(),
  symbols: z.int().min(1).max(SYMBOLS_MAX).optional(),
  lasts: TIME,
  steps: z.array(STEP).default([]),
  expect: z.array(EXPECTATION).default([]),
  /** `section.key: value` of the engine that lives through it. */
  settings: z.record(z.string(), PLAIN).default({}),
  trades: z.array(TRADE).optional(),
});

export type Scenario = z.infer<typeof SCENARIO>;
export type Step = Scenario['steps'][number];
export type Expectation = Scenario['expect'][number];
export type Where = z.infer<typeof WHERE>;

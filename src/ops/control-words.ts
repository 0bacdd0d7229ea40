// What do a command in a terminal and the running engine say to each other? One JSON line a question, one an answer.
import { z } from 'zod';
import { parseJson } from '../lib/parse-json.ts';
import { SYMBOL } from '../market/symbol.ts';
import type { Command } from '../position/desk-event.ts';

/** Longer than any question; a line that has no end by then is no question. */
export const QUESTION_BYTES_MAX = 4_096;
/** A thousand positions fit. */
export const ANSWER_BYTES_MAX = 4 * 1_024 * 1_024;

/** Made by whoever asks: a command that is sent again, because its answer was lost, is not carried out again (Y09). */
const commandId = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/);
const symbol = z.string().regex(SYMBOL);
const plain = <const Kind extends Exclude<Command['kind'], 'close'>>(kind: Kind) =>
  z.strictObject({ id: commandId, kind: z.literal(kind) });

const command = z.discriminatedUnion('kind', [
  plain('pause'),
  plain('resume'),
  plain('kill'),
  plain('flatten'),
  z.strictObject({ id: commandId, kind: z.literal('close'), symbol }),
]);

/** `re` comes back with the answer: answers need not come in the order of their questions. */
const re = z.int().min(0);

const question = z.discriminatedUnion('ask', [
  z.strictObject({ re, ask: z.literal('status') }),
  z.strictObject({ re, ask: z.literal('positions') }),
  z.strictObject({ re, ask: z.literal('command'), command }),
]);

export type Question = Readonly<z.infer<typeof question>>;

type DistributedOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type Ask = DistributedOmit<Question, 're'>;

/** `re` is −1 where nobody can say which question it was. */
const answer = z.discriminatedUnion('ok', [
  z.object({ re: z.number(), ok: z.literal(true), value: z.unknown() }),
  z.object({ re: z.number(), ok: z.literal(false), error: z.string() }),
]);

export type Answer = Readonly<z.infer<typeof answer>>;

export interface CommandAnswer {
  readonly accepted: boolean;
  readonly text: string;
}

export const commandAnswer = z.object({ accepted: z.boolean(), text: z.string() });

/** A text says what is wrong with it. */
export function readQuestion(line: string): Question | string {
  const parsed = question.safeParse(parseJson(line));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  return `not a request of this protocol: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim();
}

export function readAnswer(line: string): Answer | undefined {
  return answer.safeParse(parseJson(line)).data;
}

// Which messages and commands may a page send? Anything else is refused.
import { z } from 'zod';
import { parseJson } from '../../lib/parse-json.ts';
import { SYMBOL } from '../../market/symbol.ts';
import { COMMAND_KINDS, type ToServer } from './protocol.ts';

const symbol = z.string().regex(SYMBOL);

const message = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('watch'), symbol, zoom: z.literal([0, 1, 2]) }),
  z.strictObject({ kind: z.literal('unwatch') }),
]);

/** Made by the page: a command that is sent twice is carried out once. */
const id = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/);

export const commandRequest = z
  .strictObject({ id, kind: z.literal(COMMAND_KINDS), symbol: symbol.optional() })
  .refine(({ kind, symbol: of }) => (kind === 'close') === (of !== undefined), {
    error: 'close names a symbol, the others name none',
  });

export const loginRequest = z.strictObject({ token: z.string().min(1).max(200) });

export function readMessage(text: string): ToServer | undefined {
  return message.safeParse(parseJson(text)).data;
}

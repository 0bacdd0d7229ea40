// What does an `op` answer of the public stream say? (two pong shapes, W03)
import { parseJson } from '../../lib/parse-json.ts';
import { type Fields, textOf } from '../fields.ts';

export interface ControlMessage {
  readonly op: string;
  readonly requestId: string;
  readonly success: boolean;
  readonly text: string;
}

const decoder = new TextDecoder();

/** Undefined for what is no answer at all. */
export function readControl(bytes: Uint8Array): ControlMessage | undefined {
  const parsed = parseJson(decoder.decode(bytes));
  if (typeof parsed !== 'object' || parsed === null || !('op' in parsed)) return undefined;
  const fields = parsed as Fields;
  return {
    op: textOf(fields.op),
    requestId: textOf(fields.req_id),
    success: fields.success === true,
    text: textOf(fields.ret_msg),
  };
}

/** The topic a data frame names; '' where there is none. Cold: for the rare frame whose topic decides something. */
export function topicOf(bytes: Uint8Array): string {
  return /"topic"\s*:\s*"([^"]*)"/.exec(decoder.decode(bytes))?.[1] ?? '';
}

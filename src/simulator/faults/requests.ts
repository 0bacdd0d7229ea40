// What can happen to a request and its answer? Lost, late, wrongly answered, with or without the order existing.
import { z } from 'zod';
import type { Mishap } from '../gateway/answer.ts';
import { HTML_TYPE, type HttpAnswer } from '../http.ts';
import { SHUT_OUT } from '../request-limit.ts';
import { refusal } from '../venue/model.ts';
import { COUNT, type Fault, fault, MS, UID } from './fault.ts';

const DOOR = z.enum(['rest', 'trade']);
const PATH = z.string().min(1).optional();
const EXISTS = z.boolean().default(false);
const HTML: Readonly<Record<number, string>> = {
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

function htmlPage(status: number): string {
  const title = `${status} ${HTML[status] ?? 'Error'}`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>openresty</center>\r\n</body>\r\n</html>\r\n`;
}

export function htmlAnswer(status: number): HttpAnswer {
  return { status, headers: HTML_TYPE, body: htmlPage(status) };
}

/** A signed request is answered by this code, whether or not it was carried out. */
function answered(code: number, text: string, does: string): Fault {
  const shape = { door: DOOR.optional(), path: PATH, uid: UID, count: COUNT, exists: EXISTS };
  return fault(does, shape, ({ mishaps }, { door, path, uid, count, exists }) => {
    mishaps.arm({ executed: exists, answer: refusal(code, text) }, { door, path, uid }, count);
  });
}

/** The texts of orders alone, so that logins and pings go on. */
const ORDER_TEXT = { rest: '/v5/', trade: '"op":"order.' } as const;

function lost(direction: 'in' | 'out', does: string): Fault {
  const shape = { door: DOOR, holds: z.string().min(1).optional(), count: COUNT };
  return fault(does, shape, ({ troubles, agenda }, { door, holds, count }) => {
    const every = direction === 'out' && door === 'rest' ? undefined : ORDER_TEXT[door];
    troubles.arm({ trouble: 'drop', kind: door, direction, count, holds: holds ?? every }, agenda.monotonic());
  });
}

export const REQUEST_FAULTS: Readonly<Record<string, Fault>> = {
  'lost-request': lost('in', 'requests never reach the exchange, and nobody answers'),
  'lost-answer': lost('out', 'requests are carried out, their answers are lost'),
  'late-acceptance': fault(
    'a request reaches the exchange ms later, and is carried out then if its time stamp still allows',
    { door: DOOR, ms: MS, holds: z.string().min(1).optional(), count: COUNT },
    ({ troubles, agenda }, { door, ms, holds, count }) => {
      const named = holds ?? ORDER_TEXT[door];
      troubles.arm({ trouble: 'delay', kind: door, direction: 'in', count, ms, holds: named }, agenda.monotonic());
    },
  ),
  'truncated-answer': fault(
    'answers of REST are cut off in the middle of their JSON',
    { holds: z.string().min(1).optional(), count: COUNT },
    ({ troubles, agenda }, { holds, count }) => {
      troubles.arm({ trouble: 'truncate', kind: 'rest', direction: 'out', count, holds }, agenda.monotonic());
    },
  ),
  'gateway-error': fault(
    'a signed REST request gets an HTTP status and an HTML page',
    { status: z.literal([500, 502, 503, 504]).default(502), path: PATH, uid: UID, count: COUNT, exists: EXISTS },
    ({ mishaps }, { status, path, uid, count, exists }) => {
      const mishap: Mishap = { executed: exists, answer: refusal(status, ''), status, body: htmlPage(status) };
      mishaps.arm(mishap, { door: 'rest', path, uid }, count);
    },
  ),
  'server-timeout': answered(10_000, 'Server Timeout', 'code 10000'),
  'server-error': answered(10_016, 'Server error', 'code 10016'),
  'rate-burst': answered(10_006, 'Too many visits. Exceeded the API Rate Limit.', 'code 10006'),
  overloaded: answered(10_429, 'System frequency protection', 'code 10429'),
  restarting: answered(10_019, 'the ws trade service is restarting', 'code 10019: this server takes no new requests'),
  'wrong-time': answered(
    10_002,
    'invalid request, please check your server timestamp or recv_window param',
    'code 10002',
  ),
  'key-expired': answered(33_004, 'Your api key has expired.', 'code 33004'),
  'ip-refused': answered(10_010, 'Unmatched IP, please check your API key’s bound IP addresses.', 'code 10010'),
  'permission-lost': answered(10_005, 'Permission denied, please check your API key permissions.', 'code 10005'),
  banned: answered(10_008, 'User has been banned.', 'code 10008'),
  'shut-out': fault(
    'every HTTP request gets 403 `access too frequent` for ms; sockets live on',
    { ms: MS },
    ({ doors, agenda }, { ms }) => doors.bringDown(SHUT_OUT, agenda.monotonic() + ms),
  ),
  'http-down': fault(
    'every HTTP request gets a status and an HTML page for ms',
    { status: z.literal([500, 502, 503, 504]).default(503), ms: MS },
    ({ doors, agenda }, { status, ms }) => doors.bringDown(htmlAnswer(status), agenda.monotonic() + ms),
  ),
  'clock-skew': fault(
    'the exchange’s clock is skewMs ahead (negative: behind) of what it was',
    { skewMs: z.int().min(-86_400_000).max(86_400_000) },
    ({ doors }, { skewMs }) => void (doors.skewMs = skewMs),
  ),
};

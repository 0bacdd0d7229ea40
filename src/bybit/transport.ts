// How do the REST clients of bybit-api reach their host? It alone, and neither for ever nor without end.
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

/** Ten times the longest answer, a page of a thousand instruments: what is longer is an attack or a fault. */
const ANSWER_BYTES_MAX = 16 * 1_024 * 1_024;

export interface Transport {
  /** Its end breaks off what is under way; the next question opens a connection of its own. */
  readonly agent: HttpAgent | HttpsAgent;
  /** For the client, which hands them on to its own. */
  readonly options: object;
}

/** `silenceMs`: for how long a host may say nothing. */
export function transportTo(url: string, silenceMs: number): Transport {
  const agent = url.startsWith('https:') ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  // Redirects and proxies off: an answer comes from the address we named, or not at all.
  const sealed = { proxy: false, maxRedirects: 0, maxContentLength: ANSWER_BYTES_MAX };
  return { agent, options: { httpAgent: agent, httpsAgent: agent, timeout: silenceMs, ...sealed } };
}

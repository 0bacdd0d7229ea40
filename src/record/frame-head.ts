// Of whom does a frame speak? Enough to send it the right way, without reading it.
import { parseJson } from '../lib/parse-json.ts';

export interface FrameHead {
  readonly symbol: string;
  /** Levels a side that the topic shows; 0 where it is no book. */
  readonly depth: number;
  readonly isSnapshot: boolean;
}

const TOPIC = /"topic"\s*:\s*"(?:orderbook\.(\d+)|publicTrade|tickers)\.([^"\\]+)"/;
const IS_SNAPSHOT = /"type"\s*:\s*"snapshot"/;

/** Undefined for answers to requests and for topics that the engine does not follow. */
export function readHead(text: string): FrameHead | undefined {
  const plain = text.includes('\\') ? unescaped(text) : text;
  const topic = TOPIC.exec(plain);
  if (topic === null) return undefined;
  return { symbol: topic[2] as string, depth: Number(topic[1] ?? 0), isSnapshot: IS_SNAPSHOT.test(plain) };
}

/** Who prints JSON anew may write what is not ASCII as `\u` and four digits: names of symbols, for one. */
function unescaped(text: string): string {
  const frame = parseJson(text);
  return frame === undefined ? text : JSON.stringify(frame); // torn: what stands there is all that is known
}

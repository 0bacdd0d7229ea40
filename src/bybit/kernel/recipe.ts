// What is delta.wasm made of?
import { AHEAD_MS_MAX, OLDER_MS_MAX } from '../../book/exchange-time.ts';
import { TICK_MAX } from '../../book/grid.ts';
import { STAGED_MAX } from '../../book/kernel-places.ts';
import * as layout from '../../book/layout.ts';
import { STAMP_EXCHANGE, STAMP_RECEIVED, STAMP_SENT, STAMP_SEQUENCE, STAMP_UPDATE } from '../../book/staging.ts';
import { LIVE, STALE } from '../../book/trust.ts';
import { declareNumbers, type Recipe } from '../../lib/assembly.ts';

const PAGES_MAX = 65_536;

export const recipe: Recipe = {
  sources: [new URL('./delta.as.ts', import.meta.url), new URL('./apply.as.ts', import.meta.url)],
  constants: declareNumbers({
    ...layout,
    STAMP_EXCHANGE,
    STAMP_RECEIVED,
    STAMP_SENT,
    STAMP_SEQUENCE,
    STAMP_UPDATE,
    LIVE,
    STALE,
    STAGED_MAX,
    TICK_MAX,
    AHEAD_MS_MAX,
    OLDER_MS_MAX,
  }),
  options: `--sharedMemory --maximumMemory ${PAGES_MAX} --enable threads`,
  binary: new URL('./delta.wasm', import.meta.url),
};

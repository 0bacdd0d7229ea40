// Does a backtest say what its recording has not told, all of it and no more?
import { expect, test } from 'vitest';
import { assumptionsOf, type Untold } from '../../src/backtest/assumptions.ts';
import { parseConfig } from '../../src/config/load.ts';

const loaded = parseConfig('', 'test', { env: {}, overrides: { set: [] } });
if (!loaded.ok) throw new Error(loaded.errors.join('\n'));
const { config } = loaded;
const TOLD: Untold = { usual: [], derived: [], mark: [], funding: [], bookless: [], silences: 0 };

test('where everything was told only fees and delays are assumed', () => {
  const { takerFeePercent, latencyMsMin, latencyMsMax } = config.paper;
  expect(assumptionsOf(config, TOLD)).toEqual([
    `fee ${takerFeePercent} % of each execution, ${latencyMsMin} to ${latencyMsMax} ms until an order meets the book (paper)`,
  ]);
});

test.each<[Partial<Untold>, RegExp]>([
  [{ usual: ['AUSDT'] }, /^order limits of AUSDT/],
  [{ derived: ['AUSDT'] }, /^tick and lot of AUSDT are derived/],
  [{ derived: ['AUSDT', 'BUSDT'] }, /^tick and lot of AUSDT, BUSDT are derived/],
  [{ mark: ['AUSDT'] }, /^no mark price of AUSDT: /],
  [{ funding: ['AUSDT'] }, /^no funding rate of AUSDT: /],
  [{ mark: ['AUSDT', 'BUSDT', 'CUSDT', 'DUSDT'] }, /^no mark price of AUSDT, BUSDT, CUSDT, DUSDT: /],
  [{ funding: ['AUSDT', 'BUSDT', 'CUSDT', 'DUSDT', 'EUSDT'] }, /^no funding rate of 5 symbols: /],
  [{ bookless: ['AUSDT'] }, /^no book of AUSDT, or only its touch: /],
  [{ silences: 1 }, /^nothing was recorded for over 30 s, once: /],
  [{ silences: 3 }, /^nothing was recorded for over 30 s, 3 times: /],
])('what was not told is one line more: %o', (untold, line) => {
  const [, ...more] = assumptionsOf(config, { ...TOLD, ...untold });
  expect(more).toEqual([expect.stringMatching(line)]);
});

test.each([
  [true, 'what was open was closed as after a lost connection'],
  [false, 'what was open was kept, as it is after a lost connection'],
])('over a silence, where a lost connection closes all is %j, %s', (emergencyCloseAll, words) => {
  const [, line] = assumptionsOf(
    { ...config, safety: { ...config.safety, emergencyCloseAll } },
    { ...TOLD, silences: 1 },
  );
  expect(line).toContain(`once: ${words}, and trading went on`);
});

// Is a scenario read strictly, played at its times, and judged on what really happened?
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { playScenario, type ScenarioResult } from '../../../src/simulator/scenario/play.ts';
import { readScenario } from '../../../src/simulator/scenario/read-scenario.ts';
import { createVirtualExchange, type VirtualExchange } from '../../../src/simulator/virtual.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples/scenarios/', import.meta.url));

function play(text: string): { result: ScenarioResult; exchange: VirtualExchange } {
  const read = readScenario(text, 'x.yaml');
  if (read.kind === 'faulty') throw new Error(read.faults.join('\n'));
  const { scenario } = read;
  const exchange = createVirtualExchange(scenario.seed ?? 1, { symbols: scenario.symbols ?? 2 });
  const results: ScenarioResult[] = [];
  playScenario(scenario, exchange.stage, exchange.ledger, (result) => void results.push(result));
  exchange.advance(scenario.lasts);
  expect(results).toHaveLength(1);
  return { result: results[0] as ScenarioResult, exchange };
}

test.each(readdirSync(EXAMPLES).filter((file) => file.endsWith('.yaml')))(
  'the example %s ends as it says, with the same bytes of ledger twice',
  (file) => {
    const text = readFileSync(`${EXAMPLES}${file}`, 'utf8');
    const [first, second] = [play(text), play(text)];
    expect(first.result).toMatchObject({ passed: true });
    expect(first.result.expectations.filter(({ met }) => !met)).toEqual([]);
    const lines = ({ exchange }: ReturnType<typeof play>): string => JSON.stringify(exchange.ledger.since(0));
    expect(lines(second)).toBe(lines(first));
  },
);

test('what was expected and did not happen is said, and the scenario has not passed', () => {
  const { result } = play(`
name: Nobody trades
lasts: 5s
expect:
  - { by: 4s, ledger: fill }
  - { by: 5s, ledger: clock, least: 0, most: 0 }
  - { by: 5s, ledger: order, least: 0, last: { status: Filled } }
`);
  expect(result.passed).toBe(false);
  expect(result.expectations.map(({ met, fault }) => [met, fault])).toEqual([
    [false, '0 lines where at least 1 were expected'],
    [true, ''],
    [false, 'the last line does not say {"status":"Filled"}'],
  ]);
});

test('every: steps come again and again, as often as was said and no longer than the scenario', () => {
  const { result } = play(`
name: Again and again
lasts: 10s
steps:
  - { every: 2s, times: 3, do: pull-walls, with: { symbol: BTCUSDT, side: bid } }
  - { at: 1s, every: 4s, do: pull-walls, with: { symbol: BTCUSDT, side: ask } }
`);
  expect(result.steps.map(({ atMs }) => atMs)).toEqual([1_000, 2_000, 4_000, 5_000, 6_000, 9_000]);
});

test('a step that cannot be done fails the scenario; a request that the exchange refuses is its answer', () => {
  const impossible = play('{ name: x, lasts: 2s, steps: [{ at: 1s, do: adl, with: { symbol: BTCUSDT, uid: 5 } }] }');
  expect(impossible.result.steps[0]?.refused).toContain('uid');
  expect(impossible.result.passed).toBe(false);
  const { result, exchange } = play(
    '{ name: x, lasts: 2s, steps: [{ at: 1s, ask: create, with: { symbol: BTCUSDT, side: Buy, orderType: Market, qty: "0.0001" } }] }',
  );
  expect(result.passed).toBe(true);
  expect(exchange.ledger.since(0).at(-1)).toMatchObject({ kind: 'act', act: 'create', refusal: { code: 10_001 } });
});

test('a file that is no scenario and no YAML is told in lines that a person can read', () => {
  const read = readScenario('{"topic":"tickers.BTCUSDT","data":{}}\n'.repeat(1_000), 'x.yaml');
  expect(read.kind === 'faulty' && read.faults.length).toBeLessThan(25);
});

test('every fault of a file is told at once, with its line, its key and the remedy', () => {
  const read = readScenario(
    `name: Wrong in many ways
lasts: soon
steps:
  - at: 5s
    do: push-prices
  - do: cut
  - at: 1s
    do: push-price
    with:
      symbol: SOLUSDT
      percent: up
      often: true
expect:
  - by: 3s
    ledger: trades
color: red
`,
    'wrong.yaml',
  );
  expect(read).toEqual({
    kind: 'faulty',
    faults: [
      'wrong.yaml:2 lasts: "soon" is no time: write 250ms, 5s, 1m30s or 2h',
      'wrong.yaml:5 steps.0.do: "push-prices" is none of the faults: npx plotnost simulator --help lists them',
      expect.stringMatching(/^wrong\.yaml:6 steps\.1\.at: is missing/),
      'wrong.yaml:11 steps.2.with.percent: must be a number',
      expect.stringMatching(/^wrong\.yaml:12 steps\.2\.with\.often: /),
      expect.stringMatching(/^wrong\.yaml:15 expect\.0\.ledger: /),
      'wrong.yaml:16 color: is no key of a scenario here: take it out or spell it right',
    ],
  });
});

test('what is missing in a file is told by its name, and by what it must be', () => {
  const { faults } = readScenario('steps:\n  - cut\n', 'short.yaml') as { faults: readonly string[] };
  expect(faults).toEqual([
    'short.yaml:1 name: is missing, and must be a text',
    'short.yaml:1 lasts: is missing, and must be a text',
    'short.yaml:2 steps.0: must be a section of keys',
  ]);
});

test('a text that is no YAML is told with its line', () => {
  const read = readScenario('name: "open\nlasts: 5s\n', 'open.yaml');
  expect(read).toMatchObject({ kind: 'faulty', faults: [expect.stringMatching(/^open\.yaml:\d+ /)] });
});

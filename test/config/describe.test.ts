// Do the README, config.yaml and the JSON Schema say what the schema says?
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { camelKey, snakeKey } from '../../src/config/camel.ts';
import { configKeys, configTable, configYaml, schemaText, withTable } from '../../src/config/describe.ts';
import { defaultStrategy } from '../../src/config/schema.ts';

const top = new URL('../../', import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, top), 'utf8');

test('every key has a sentence, and every number of a measure its unit', () => {
  const silent = configKeys().filter(({ about }) => about === '');
  const bare = configKeys().filter(
    ({ key, unit }) => /_(ms|percent|minutes|hours|days|mb|usd)$/.test(key) && unit === '',
  );
  expect([...silent, ...bare].map(({ section, key }) => `${section}.${key}`)).toEqual([]);
});

test('a field of the program is told by the key of the file that it came from', () => {
  const keys = configKeys().map(({ key }) => key);
  expect(keys.map((key) => snakeKey(camelKey(key)))).toEqual(keys);
});

test('the README’s table is the schema’s (npm run describe)', () => {
  expect(read('README.md')).toBe(withTable(read('README.md')));
  expect(configTable().split('\n')).toHaveLength(configKeys().length + 2);
});

test('the shipped config.yaml is the schema’s (npm run describe)', () => {
  expect(read('config.yaml')).toBe(configYaml());
});

test('the editor’s schema is the schema’s (npm run describe)', () => {
  expect(read('config.schema.json')).toBe(schemaText());
});

test('.env.example names every variable that the shipped file names', () => {
  const names = configKeys().flatMap(({ key, initial }) => (key.endsWith('_env') ? [String(initial)] : []));
  expect(names.filter((name) => !read('.env.example').includes(`${name}=`))).toEqual([]);
});

test('the READMEs’ break-even hit rates are those that the defaults imply', () => {
  const { maxCostToStopRatio, tpMinRewardRatio } = defaultStrategy();
  // In stop distances, after all cost: as many wins as pay for the losses.
  const rate = (win: number): number => Math.round((100 * (1 + maxCostToStopRatio)) / (1 + maxCostToStopRatio + win));
  const [least, one, two] = [rate(tpMinRewardRatio), rate(1), rate(2)];
  // Wherever the lines end.
  const flat = (name: string): string => read(name).replace(/\s+/g, ' ');
  expect(flat('README.md')).toContain(
    `the break-even hit rate ${least} %; where wins reach one stop on average it is ${one} %, at two stops ${two} %`,
  );
  expect(flat('README.ru.md')).toContain(
    `безубыточности нужно ${least} % удачных сделок; если выигрыши в среднем в один стоп — ${one} %, в два — ${two} %`,
  );
});

test('the two READMEs tell of as many departures from the original design', () => {
  const departures = (name: string): number =>
    (read(name).split(/^## .*(?:departs|отступление).*$/m)[1] ?? '').split(/^- /m).length - 1;
  expect(departures('README.md')).toBe(21);
  expect(departures('README.ru.md')).toBe(departures('README.md'));
});

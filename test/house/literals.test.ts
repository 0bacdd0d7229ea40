// Are the numbers that are written into hot files those of the modules that they stand in for?
import { readdirSync, readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { importedBy, writeConstantsIn } from '../../src/lib/literals.ts';

const SRC = fileURLToPath(new URL('../../src', import.meta.url));
const hot = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => path.join(SRC, name))
  .filter((file) => readFileSync(file, 'utf8').startsWith('// hot:'));

test('every number that a hot file imports is the one that the module exports', async () => {
  let compared = 0;
  for (const file of hot) {
    const source = readFileSync(file, 'utf8');
    const { href } = pathToFileURL(file);
    const written = importedBy(source, href);
    for (const [, names = '', specifier = ''] of source.matchAll(/^import \{([^}]*)\} from '(\.[^']*)';$/gm)) {
      const module = (await import(new URL(specifier, href).href)) as Record<string, unknown>;
      for (const name of names.split(',').map((text) => text.trim())) {
        const [theirs = '', ours = theirs] = name.split(' as ');
        if (typeof module[theirs] !== 'number') continue;
        expect({ file, name, value: written.get(ours) }).toEqual({ file, name, value: module[theirs] });
        compared++;
      }
    }
  }
  expect(compared).toBeGreaterThan(200);
});

test('a hot file is the same program afterwards: no line has moved, and none of the numbers is looked up any more', () => {
  let left = 0;
  for (const file of hot) {
    const source = readFileSync(file, 'utf8');
    const written = writeConstantsIn(source, pathToFileURL(file).href);
    expect(written.split('\n')).toHaveLength(source.split('\n').length);
    const body = stripTypeScriptTypes(written).replaceAll(
      /^import \{[^}]*\} from '[^']*';$|\/\/.*|\/\*[^]*?\*\//gm,
      '',
    );
    for (const name of importedBy(source, pathToFileURL(file).href).keys())
      if (new RegExp(`\\b${name}\\b`).test(body)) left++;
  }
  expect(left).toBe(0);
});

test('strings, comments, members, keys and types keep their words', () => {
  const url = pathToFileURL(path.join(SRC, 'scan', 'planted.ts')).href;
  const body = [
    "const at = 'GONE'; // GONE",
    'const of = { GONE: life.GONE };',
    'type End = typeof GONE;',
    'export const gone = life + GONE;',
  ];
  const source = ["import { GONE } from './layout.ts';", ...body].join('\n');
  const expected = [...body.slice(0, 3), 'export const gone = life + (4);'];
  expect(writeConstantsIn(source, url).split('\n').slice(1)).toEqual(expected);
});

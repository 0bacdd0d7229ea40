// Does the linter guard the house? Every planted violation must be found by its rule, and by nothing else.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Diagnostic {
  code: string;
  filename: string;
}

interface Override {
  files: string[];
  rules: Record<string, unknown>;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const plantedRoot = fileURLToPath(new URL('planted', import.meta.url));
const SUFFIX = '.planted';

const planted = readdirSync(plantedRoot, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith(SUFFIX))
  .map((name) => {
    const text = readFileSync(path.join(plantedRoot, name), 'utf8');
    const rule = /^\/\/ breaks: (\S+)$/m.exec(text)?.[1] ?? 'no rule named in the first line';
    return { file: name.slice(0, -SUFFIX.length).replaceAll('\\', '/'), rule, text };
  })
  .sort((a, b) => (a.file < b.file ? -1 : 1));

function lint(directory: string): Diagnostic[] {
  const result = spawnSync(path.join(root, 'node_modules', '.bin', 'oxlint'), ['--format=json'], {
    cwd: directory,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${path.join(root, 'node_modules', '.bin')}${path.delimiter}${process.env['PATH']}` },
  });
  return (JSON.parse(result.stdout) as { diagnostics: Diagnostic[] }).diagnostics;
}

/** The globs of files whose imports are restricted. */
function importRules(): string[] {
  const config = JSON.parse(readFileSync(path.join(root, '.oxlintrc.json'), 'utf8')) as { overrides: Override[] };
  return config.overrides
    .filter((override) => 'no-restricted-imports' in override.rules)
    .flatMap((override) => override.files);
}

describe('a tree with one violation of each rule', () => {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'plotnost-house-'));
  let found: Diagnostic[] = [];

  beforeAll(() => {
    for (const name of ['.oxlintrc.json', 'tsconfig.json']) cpSync(path.join(root, name), path.join(directory, name));
    symlinkSync(path.join(root, 'node_modules'), path.join(directory, 'node_modules'));
    for (const { file, text } of planted) {
      mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
      writeFileSync(path.join(directory, file), text);
    }
    found = lint(directory);
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test.each(planted)('$file is refused by $rule', ({ file, rule }) => {
    const rules = found.filter((diagnostic) => diagnostic.filename === file).map((diagnostic) => diagnostic.code);
    expect([...new Set(rules)]).toEqual([rule]);
  });
});

test('every folder with an import rule has a planted violation of it', () => {
  const bare = importRules()
    .filter((glob) => glob !== 'src/main.ts')
    .filter((glob) => {
      const start = glob.replace('**', '').replace('*.ts', '');
      const isDeep = glob.includes('**');
      return !planted.some(
        ({ file, rule }) =>
          file.startsWith(start) &&
          (isDeep || !file.slice(start.length).includes('/')) &&
          rule === 'eslint(no-restricted-imports)',
      );
    });
  expect(bare).toEqual([]);
});

test('every folder of the product has an import rule', () => {
  const guarded = importRules();
  const folders = readdirSync(path.join(root, 'src'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `src/${name}/**`);
  expect(folders.filter((glob) => !guarded.includes(glob))).toEqual([]);
});

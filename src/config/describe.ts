// How do people and editors learn the keys? The README's table, config.yaml and the JSON Schema all come from the schema.
// `npm run describe` writes the three; a test compares them.
import { readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { configSchema, SECTIONS } from './schema.ts';

interface KeyFacts {
  readonly section: string;
  /** Within its section; `endpoints.rest` where it lies deeper. */
  readonly key: string;
  readonly about: string;
  readonly unit: string;
  readonly reload: boolean;
  /** Undefined where the key is normally left out. */
  readonly initial: unknown;
  readonly bounds: string;
}

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly unit?: string;
  readonly reload?: boolean;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

const TABLE_BEGIN = '<!-- config table: written by npm run describe -->';
const TABLE_END = '<!-- end of config table -->';
const SCHEMA_LINE = '# yaml-language-server: $schema=./config.schema.json';

function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(configSchema, { io: 'input' });
  return { $schema, title: 'Plotnost configuration', ...rest };
}

function boundsOf(schema: JsonSchema): string {
  if (schema.enum !== undefined) return schema.enum.map(String).join(', ');
  if (schema.minimum === undefined || schema.maximum === undefined) return '';
  return `${schema.minimum} … ${schema.maximum}`;
}

function keysOf(section: string, schema: JsonSchema, prefix = ''): KeyFacts[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, inner]) =>
    inner.properties !== undefined
      ? keysOf(section, inner, `${prefix}${key}.`)
      : [
          {
            section,
            key: `${prefix}${key}`,
            about: inner.description ?? '',
            unit: inner.unit ?? '',
            reload: inner.reload ?? false,
            initial: inner.default,
            bounds: boundsOf(inner),
          },
        ],
  );
}

export function configKeys(): KeyFacts[] {
  const { properties } = configJsonSchema() as JsonSchema;
  return Object.entries(properties ?? {}).flatMap(([section, schema]) => keysOf(section, schema));
}

const yamlValue = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(String).join(', ')}]`;
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const cell = (text: string): string => text.replaceAll('|', '\\|');

/** Markdown, one row a key. */
export function configTable(): string {
  const rows = configKeys().map(({ section, key, about, unit, initial, bounds, reload }) => {
    const value = initial === undefined ? '–' : `\`${yamlValue(initial)}\``;
    return `| \`${section}.${key}\` | ${cell(about)} | ${cell(unit)} | ${value} | ${cell(bounds)} | ${reload ? 'yes' : ''} |`;
  });
  const head = ['| key | meaning | unit | default | allowed | SIGHUP |', '| --- | --- | --- | --- | --- | --- |'];
  return [...head, ...rows].join('\n');
}

function yamlLine({ key, about, unit, initial }: KeyFacts, width: number): string {
  const plain = about.replaceAll('`', '');
  const comment = `# ${plain}${unit === '' ? '' : ` [${unit}]`}`;
  const indent = '  '.repeat(key.split('.').length);
  const name = key.split('.').at(-1) as string;
  const setting = initial === undefined ? `${indent}# ${name}:` : `${indent}${name}: ${yamlValue(initial)}`;
  return `${setting.padEnd(width)}  ${comment}`;
}

/** The shipped `config.yaml`: every key with its default, its unit and a sentence. */
export function configYaml(): string {
  const keys = configKeys();
  const sections = Object.entries(SECTIONS).map(([section, schema]) => {
    const own = keys.filter((key) => key.section === section);
    const width = Math.max(...own.map(({ key, initial }) => key.length + yamlValue(initial ?? '').length + 4));
    const lines: string[] = [];
    let group = '';
    for (const key of own) {
      const parent = key.key.includes('.') ? (key.key.split('.')[0] as string) : '';
      // All keys of such a group are optional, so the group itself must not read as null.
      if (parent !== group && parent !== '') lines.push(`  # ${parent}:`);
      group = parent;
      lines.push(parent === '' ? yamlLine(key, width) : yamlLine(key, width).replace(/^ {4}# /, '  #   '));
    }
    return [`# ${schema.description ?? section}`, `${section}:`, ...lines].join('\n');
  });
  return [
    SCHEMA_LINE,
    '# Every key, its default and its unit. A key that is left out has the default. Check a change with:',
    '#   npx plotnost check-config',
    '# Secrets do not belong here: keys ending in _env name variables of the environment or of .env.',
    '',
    sections.join('\n\n'),
    '',
  ].join('\n');
}

/** The README with its table brought up to date; undefined where the markers are missing. */
export function withTable(readme: string): string | undefined {
  const begin = readme.indexOf(TABLE_BEGIN);
  const end = readme.indexOf(TABLE_END);
  if (begin < 0 || end < begin) return undefined;
  return `${readme.slice(0, begin)}${TABLE_BEGIN}\n\n${configTable()}\n\n${readme.slice(end)}`;
}

export function schemaText(): string {
  return `${JSON.stringify(configJsonSchema(), undefined, 2)}\n`;
}

if (import.meta.main) {
  const top = new URL('../../', import.meta.url);
  const readme = new URL('README.md', top);
  const updated = withTable(readFileSync(readme, 'utf8'));
  if (updated === undefined) throw new Error(`README.md has no place for the table: ${TABLE_BEGIN} … ${TABLE_END}`);
  writeFileSync(readme, updated);
  writeFileSync(new URL('config.yaml', top), configYaml());
  writeFileSync(new URL('config.schema.json', top), schemaText());
}

// Does the README list the faults that there are? Run by itself, this writes its table; a test compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { faultRows } from '../../../src/simulator/faults/table.ts';

const README = fileURLToPath(new URL('../../../README.md', import.meta.url));
const BEGIN = '<!-- fault table: written by node test/simulator/stage/fault-table.ts -->';
const END = '<!-- end of fault table -->';

export function readReadme(): string {
  return readFileSync(README, 'utf8');
}

export function withFaultTable(readme: string): string {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error(`README.md: the marks ${BEGIN} and ${END} are gone`);
  return `${before}${BEGIN}\n\n${faultRows()}\n\n${END}${after}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(README, withFaultTable(readReadme()));

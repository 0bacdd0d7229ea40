// Where do results stay, so that two of them can be compared later?
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('./results/', import.meta.url));

/** The state of the sources that were measured, where git knows. */
export function sourceState(): string {
  const asked = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: FOLDER_ABOVE, encoding: 'utf8' });
  return asked.status === 0 ? asked.stdout.trim() : 'unknown';
}

const FOLDER_ABOVE = path.dirname(path.dirname(FOLDER));

/**
 * Answers where it is. Kept results are no part of the repository, but for one of each bench: the reference, which a new one
 * replaces (`git add bench/results` takes the references and nothing else).
 */
export function keepResult(name: string, json: string, isReference = false, folder = FOLDER): string {
  mkdirSync(folder, { recursive: true });
  const kept = isReference ? `reference-${name}` : `${name}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  const file = path.join(folder, `${kept}.json`);
  writeFileSync(file, json);
  return path.relative(process.cwd(), file);
}

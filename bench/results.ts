// Where do results stay, so that two of them can be compared later?
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('./results/', import.meta.url));

const FOLDER_ABOVE = path.dirname(path.dirname(FOLDER));
const git = (...words: string[]) => spawnSync('git', words, { cwd: FOLDER_ABOVE, encoding: 'utf8' });

/** The state of the sources that were measured, where git knows. Results of other benches are no sources. */
export function sourceState(): string {
  const commit = git('describe', '--always');
  if (commit.status !== 0) return 'unknown';
  const isClean = git('diff', '--quiet', 'HEAD', '--', '.', ':(exclude)bench/results').status === 0;
  return commit.stdout.trim() + (isClean ? '' : '-dirty');
}

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

// Where do results stay, so that two of them can be compared later?
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../results/', import.meta.url));

function stateOf(home: string): string {
  const git = (...words: string[]) => spawnSync('git', words, { cwd: home, encoding: 'utf8' });
  const commit = git('describe', '--always');
  if (commit.status !== 0) return 'unknown';
  // Results of other benches are no sources.
  const isClean = git('diff', '--quiet', 'HEAD', '--', '.', ':(exclude)bench/results').status === 0;
  return commit.stdout.trim() + (isClean ? '' : '-dirty');
}

/** Tells the state of the sources from now on, where git knows: each process that measures loads them anew, so both ends count. */
export function watchSources(home: string): () => string {
  const begun = stateOf(home);
  return () => {
    const now = stateOf(home);
    return now === begun ? now : `${begun} to ${now}`;
  };
}

/** Of the sources that were measured, from the start of the bench on. */
export const sourceState = watchSources(path.dirname(path.dirname(FOLDER)));

/**
 * Says where it is. Kept results are no part of the repository, but for one of each bench: the reference, which a new one
 * replaces (`git add bench/results` takes the references and nothing else), unless its run is not whole: that one lies with the others.
 */
export function keepResult(
  name: string,
  json: string,
  { isReference = false, isWhole = true, folder = FOLDER } = {},
): string {
  mkdirSync(folder, { recursive: true });
  const kept =
    isReference && isWhole ? `reference-${name}` : `${name}-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`;
  const file = path.join(folder, `${kept}.json`);
  writeFileSync(file, json);
  const refusal = isReference && !isWhole ? 'the run is not whole and no reference: ' : '';
  return `${refusal}kept as ${path.relative(process.cwd(), file)}\n`;
}

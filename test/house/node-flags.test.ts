// Does the daemon get the same Node wherever it is started? Its young generation is small, so that no collection takes long, and is
// collected without helpers: little of it survives, and calling them takes as long as the work. What is made is young wherever it is
// made: V8 takes from the start, when all is kept, that what the analysis tells is old, and leaves a megabyte a second of it behind.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FLAGS = ['--max-semi-space-size=4', '--no-parallel-scavenge', '--no-allocation-site-pretenuring'];
const WORDS = FLAGS.join(' ');

test.each([
  ['package.json', `exec node ${WORDS} src/main.ts run`],
  ['src/main.ts', `#!/usr/bin/env -S node ${WORDS}\n`],
  ['ops/systemd/plotnost.service', `/node ${WORDS} src/main.ts run`],
  ['ops/docker/Dockerfile', `ENTRYPOINT ["node", "${FLAGS.join('", "')}", "src/main.ts"]`],
])('%s starts it so', (file, words) => {
  expect(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')).toContain(words);
});

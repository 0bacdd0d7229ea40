// Does the daemon get the same Node wherever it is started? Its young generation is small, so that no collection takes long.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const FLAG = '--max-semi-space-size=4';

test.each([
  ['package.json', `exec node ${FLAG} src/main.ts run`],
  ['src/main.ts', `#!/usr/bin/env -S node ${FLAG}\n`],
  ['ops/systemd/plotnost.service', `/node ${FLAG} src/main.ts run`],
  ['ops/docker/Dockerfile', `ENTRYPOINT ["node", "${FLAG}", "src/main.ts"]`],
])('%s starts it so', (file, words) => {
  expect(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')).toContain(words);
});

// What is said of a scenario that cannot be read?
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { scenarioText } from '../../src/cli/scenario.ts';
import { asNobody } from '../as-nobody.ts';
import { ownFolder } from '../own-folder.ts';

test('where it is missing, or a folder, its path is to be checked; where this account may not read it, its rights', async () => {
  const folder = ownFolder();
  chmodSync(folder, 0o755);
  const file = path.join(folder, 'secret.yaml');
  writeFileSync(file, '', { mode: 0o600 });
  chmodSync(file, 0);
  expect(() => scenarioText(path.join(folder, 'none'))).toThrow('none: there is no such file: check the path');
  expect(() => scenarioText(folder)).toThrow('cannot be read (EISDIR): check the path');
  await asNobody(() => expect(() => scenarioText(file)).toThrow('cannot be read (EACCES): check its rights'));
});

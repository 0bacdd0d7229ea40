// Who can read the token, or say where it is written? (S11)
import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { writeToken } from '../../../src/operator/page/token.ts';
import { ownFolder } from '../../own-folder.ts';

test('S11: a link where the token is drafted is not followed, and what takes its place is its owner’s alone', () => {
  const folder = ownFolder();
  const [file, theirs] = [path.join(folder, 'dashboard.token'), path.join(folder, 'theirs')];
  writeFileSync(theirs, 'as it was');
  writeFileSync(file, 'of a former start', { mode: 0o644 });
  symlinkSync(theirs, `${file}.${process.pid}.new`);
  writeToken(file, 'secret');
  expect([readFileSync(theirs, 'utf8'), readFileSync(file, 'utf8')]).toEqual(['as it was', 'secret\n']);
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

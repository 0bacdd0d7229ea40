// A folder of the test that asks for it: it goes when that test has ended.
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';

export function ownFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'plotnost-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

// Which ways out are there, and how is one of them lived through? The real daemon, its own exchange, real sockets.
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ScenarioVerdict } from '../../src/cli/scenario.ts';
import { runToEnd, tempStateDir, type Ran } from './daemon.ts';

const FOLDER = fileURLToPath(new URL('../../examples/scenarios/exits/', import.meta.url));

export const EXIT_SCENARIOS: readonly string[] = readdirSync(FOLDER).sort();

export const pathOf = (file: string): string => `${FOLDER}${file}`;

export interface Lived {
  readonly scenario: ScenarioVerdict;
  readonly seconds: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly warnings: Readonly<Record<string, number>>;
}

export async function liveThrough(file: string, settings: readonly string[] = []): Promise<Ran<Lived>> {
  const dir = await tempStateDir();
  try {
    const sets = settings.flatMap((setting) => ['--set', setting]);
    const flags = ['--environment', 'simulator', '--mode', 'live', '--scenario', pathOf(file), '--json'];
    return await runToEnd<Lived>(['run', ...flags, '--state-dir', dir.path, ...sets]);
  } finally {
    await dir.remove();
  }
}

// Which configuration is in force under these settings, `section.key=value` over the shipped one? Throws where there is none.
import { parseConfig } from '../src/config/load.ts';
import type { Config } from '../src/config/schema.ts';

export function configOf(settings: readonly string[]): Config {
  const loaded = parseConfig('', 'the configuration of this test', { env: {}, overrides: { set: settings } });
  if (!loaded.ok) throw new Error(loaded.errors.join('\n'));
  return loaded.config;
}

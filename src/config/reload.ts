// Which keys differ between two configurations, and which of them may change while the engine runs?
import { isDeepStrictEqual } from 'node:util';
import { SECTIONS, type ConfigFile } from './schema.ts';

export interface Changes {
  /** `section.key`, taken over at once. */
  readonly taken: readonly string[];
  /** In force after the next start. */
  readonly later: readonly string[];
}

export function changesBetween(before: ConfigFile, after: ConfigFile): Changes {
  const taken: string[] = [];
  const later: string[] = [];
  for (const [section, schema] of Object.entries(SECTIONS)) {
    const old = before[section as keyof ConfigFile] as Record<string, unknown>;
    const now = after[section as keyof ConfigFile] as Record<string, unknown>;
    for (const [key, field] of Object.entries(schema.unwrap().shape)) {
      if (isDeepStrictEqual(old[key], now[key])) continue;
      const isReloadable = (field.meta() as { reload?: boolean } | undefined)?.reload === true;
      (isReloadable ? taken : later).push(`${section}.${key}`);
    }
  }
  return { taken, later };
}

// Which keys differ between two configurations, and which of them may change while the engine runs?
import { isDeepStrictEqual } from 'node:util';
import { SECTIONS, slotCount, type ConfigFile } from './schema.ts';

export interface Changes {
  /** `section.key`, taken over at once. */
  readonly taken: readonly string[];
  /** In force after the next start. */
  readonly later: readonly string[];
}

/** `auto` slots are as many as the other keys ask for. */
const counted = (file: ConfigFile): ConfigFile => ({ ...file, market: { ...file.market, slots: slotCount(file) } });

export function changesBetween(before: ConfigFile, after: ConfigFile): Changes {
  const [was, is] = [counted(before), counted(after)];
  const taken: string[] = [];
  const later: string[] = [];
  for (const [section, schema] of Object.entries(SECTIONS)) {
    const old = was[section as keyof ConfigFile] as Record<string, unknown>;
    const now = is[section as keyof ConfigFile] as Record<string, unknown>;
    for (const [key, field] of Object.entries(schema.unwrap().shape)) {
      if (isDeepStrictEqual(old[key], now[key])) continue;
      const isReloadable = (field.meta() as { reload?: boolean } | undefined)?.reload === true;
      (isReloadable ? taken : later).push(`${section}.${key}`);
    }
  }
  return { taken, later };
}

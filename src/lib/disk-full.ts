// Did the disk refuse for want of room alone? Then what is there can be read, moved and removed, and room may come back.
const FULL: ReadonlySet<unknown> = new Set(['ENOSPC', 'EDQUOT']);

export function isDiskFull(error: unknown): boolean {
  return FULL.has((error as NodeJS.ErrnoException | null)?.code);
}

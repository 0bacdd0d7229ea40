// Does what the disk says pass, so that the same start may go well later? What only a person mends has no remedy here.
const REMEDIES: ReadonlyMap<unknown, string> = new Map([
  ['ENOSPC', 'make room on its disk'],
  ['EDQUOT', 'make room within the quota of this account'],
  ['EIO', 'see whether its disk is sound'],
  ['EMFILE', 'let this process open more files (ulimit -n)'],
  ['ENFILE', 'let this machine open more files (sysctl fs.file-max)'],
]);

/** What makes it pass sooner; undefined: it does not. */
export function passingRemedy(error: unknown): string | undefined {
  return REMEDIES.get((error as NodeJS.ErrnoException | null | undefined)?.code);
}

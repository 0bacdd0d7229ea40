// How is it told that a recording is missing, or breaks off?
import type { Damage } from '../../backtest/files.ts';
import { RecordError } from '../../record/record-error.ts';
import { CliError, EXIT } from '../context.ts';

/** A file that is not there is a wrong flag; one that makes no sense is bad data. */
export function toldFault(error: unknown): never {
  if (!(error instanceof RecordError)) throw error;
  throw new CliError(error.message, error.code === 'missing' ? EXIT.usage : EXIT.data);
}

/** Called before a report is told: of files of which nothing could be read there is none. */
export function refuseUnread(files: readonly string[], damaged: readonly Damage[]): void {
  const unread = new Set(damaged.filter(({ frames }) => frames === 0).map(({ file }) => file));
  if (files.every((file) => unread.has(file))) refuseDamage(damaged);
}

/** Called last: what could be read has been told. */
export function refuseDamage(damaged: readonly Damage[]): void {
  if (damaged.length > 0) throw new CliError(damaged.map(faultText).join('\n'), EXIT.data);
}

function faultText({ file, line, byte, reason }: Damage): string {
  return new RecordError('damaged', file, reason, {
    ...(line === undefined ? {} : { line }),
    ...(byte === undefined ? {} : { byte }),
  }).message;
}

// Whose order is this? The id that we give an order says which engine made it, from which journal record, and what for.
//
// d1-<instance>-<epoch>-<seq>-<role>: derived from the journal alone, so that a restart finds the same ids again.
import type { Role } from './words.ts';

export interface LinkParts {
  /** Of the state directory: 4 to 8 of [a-z0-9]. */
  readonly instance: string;
  /** Counts the journals of this instance: a journal that was lost must not make the same ids again. */
  readonly epoch: number;
  /** Of the journal record that intends the order. */
  readonly seq: number;
  readonly role: Role;
}

const LINK = /^d1-([a-z0-9]{4,8})-(0|[1-9a-z][0-9a-z]{0,5})-(0|[1-9a-z][0-9a-z]{0,10})-([ECXS])$/;
const LENGTH_MAX = 36;
export const EPOCH_MAX = 36 ** 6 - 1;

export function linkIdOf({ instance, epoch, seq, role }: LinkParts): string {
  const id = `d1-${instance}-${epoch.toString(36)}-${seq.toString(36)}-${role}`;
  const isCounted = epoch <= EPOCH_MAX && Number.isSafeInteger(seq);
  if (!isCounted || !LINK.test(id) || id.length > LENGTH_MAX) throw new Error(`not a link id: ${id}`);
  return id;
}

/** Undefined for an id that no engine of ours has made. */
export function parseLinkId(id: string): LinkParts | undefined {
  const match = LINK.exec(id);
  if (match === null) return undefined;
  const [, instance, epoch, digits, role] = match as unknown as readonly [string, string, string, string, Role];
  const seq = Number.parseInt(digits, 36);
  return Number.isSafeInteger(seq) ? { instance, epoch: Number.parseInt(epoch, 36), seq, role } : undefined;
}

/** `twin`: made by another engine of ours, on a copy of this directory too, or by this one before its state was lost. */
export function ownerOf(id: string, own: Pick<LinkParts, 'instance' | 'epoch'>): 'ours' | 'twin' | 'stranger' {
  const parts = parseLinkId(id);
  if (parts === undefined) return 'stranger';
  return parts.instance === own.instance && parts.epoch <= own.epoch ? 'ours' : 'twin';
}

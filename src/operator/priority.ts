// Who goes first where cores are few? Whoever trades: this thread asks for less than its share.
import { readlinkSync } from 'node:fs';
import os from 'node:os';

const NICE = 10;

/** Linux knows priorities of single threads. Elsewhere, or where it is forbidden, the thread keeps its process's: why is told. */
export function giveWay(): string {
  if (process.platform !== 'linux') return `${process.platform} knows no priorities of threads`;
  try {
    os.setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), NICE);
    return 'lowered';
  } catch (error) {
    return (error as Error).message;
  }
}

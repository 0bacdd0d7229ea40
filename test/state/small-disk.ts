// A disk of its own that a test may fill: a small tmpfs. Where nobody may mount one it is a folder that is never full.
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import { mount, unmount } from '../mount.ts';

const DISK_BYTES = 1 << 20;

export interface SmallDisk {
  readonly dir: string;
  /** Is it one that can be full? */
  readonly isSmall: boolean;
  /** Not a byte more. */
  readonly fill: () => void;
  readonly makeRoom: () => void;
}

/** Itself alone: no other file or folder can be made on it. */
export function crowdedDisk(): SmallDisk {
  return mountedDisk(`size=${DISK_BYTES},nr_inodes=1`);
}

export function smallDisk(bytes = DISK_BYTES): SmallDisk {
  return mountedDisk(`size=${bytes}`);
}

function mountedDisk(options: string): SmallDisk {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'plotnost-small-'));
  const isSmall = mount(dir, options);
  const filler = path.join(dir, 'filler');
  onTestFinished(() => {
    if (isSmall) unmount(dir);
    rmSync(dir, { recursive: true });
  });
  return {
    dir,
    isSmall,
    fill() {
      if (!isSmall) return;
      const file = openSync(filler, 'w');
      try {
        for (;;) writeSync(file, Buffer.alloc(4_096));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      } finally {
        closeSync(file);
      }
    },
    makeRoom: () => rmSync(filler, { force: true }),
  };
}

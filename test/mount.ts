// A small disk for a test: a tmpfs that lies over a folder.
import { execFileSync } from 'node:child_process';

const [MOUNT, UNMOUNT] = ['mount', 'umount'] as const;

/** False where nobody may mount one: only root may, and not in every container. */
export function mount(dir: string, options: string): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  try {
    execFileSync(MOUNT, ['-t', 'tmpfs', '-o', options, 'tmpfs', dir], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Also while files on it are open. */
export function unmount(dir: string): void {
  execFileSync(UNMOUNT, ['-l', dir]);
}

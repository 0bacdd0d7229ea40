// Who ends what a test has started in a session of its own, where the run of the tests is broken off? A shell that waits for our end.
import { spawn, type ChildProcess } from 'node:child_process';

/** However we end, the group of this child ends with us. */
export function bindToUs(child: ChildProcess): void {
  if (child.pid === undefined) return;
  const watcher = spawn('sh', ['-c', `read -r _; kill -KILL -${child.pid}`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.once('exit', () => watcher.kill('SIGKILL'));
}

// node --import …/throw-at.ts src/main.ts run: how does an error that nobody catches come into the real daemon? By SIGWINCH.
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  process.on('SIGWINCH', () => {
    throw new Error('nobody catches this');
  });
}

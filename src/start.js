#!/usr/bin/env -S MALLOC_ARENA_MAX=2 node --max-semi-space-size=4 --no-parallel-scavenge --no-allocation-site-pretenuring --heap-growing-percent=20
// Is this a Node that can run us? In JavaScript: an older one reads no TypeScript, and would say nothing else.

/** Before it modules of CommonJS cannot be loaded beside hooks of ours. */
const NODE_MIN = [24, 12];

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])) {
  await import('./main.ts');
} else {
  process.stderr.write(
    `plotnost needs Node ${NODE_MIN.join('.')} or newer, this is ${process.version}: ` +
      '`npm ci` brings one for Linux and Windows, elsewhere it has to be there\n',
  );
  process.exitCode = 78;
}

// How are the tests run? Three at a time, for they wait a good deal, in processes of their own, with room for real servers.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { keepCompiled } from '../src/compiled.ts';

// As the product does: some hundred processes are started.
keepCompiled();

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 3,
    // Where WebAssembly of Node's or of the runner's own calls into JavaScript, V8 rarely takes the code between the two for freed
    // when it frees it, and the process dies (`Check failed: jit_page.has_value()`). It stays as it was first made.
    execArgv: ['--wasm-wrapper-tiering-budget=2000000000'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
    // A limit for what never comes, not for a machine that is slow.
    expect: { poll: { timeout: 60_000 } },
  },
});

// How are the tests run? Three at a time, for they wait a good deal, in processes of their own, with room for real servers.
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { keepCompiled } from '../src/lib/compiled.ts';

/** A minute or more each: begun last, one of them would run on alone when all others are done. */
const LONGEST = ['cli/run/run', 'campaign/campaign', 'score/score', 'readme', 'safety/emergency'].map(
  (name) => `${name}.test.ts`,
);

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return place < 0 ? LONGEST.length : place;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

// As the product does: some hundred processes are started.
keepCompiled();

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Where WebAssembly of Node's or of the runner's own calls into JavaScript, V8 rarely takes the code between the two for freed
    // when it frees it, and the process dies (`Check failed: jit_page.has_value()`). It stays as it was first made.
    execArgv: ['--wasm-wrapper-tiering-budget=2000000000'],
    testTimeout: 240_000,
    hookTimeout: 120_000,
    // A limit for what never comes, not for a machine that is slow.
    expect: { poll: { timeout: 60_000 } },
  },
});

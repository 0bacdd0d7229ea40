// `npm run kernel`: how do delta.as.ts and apply.as.ts become delta.wasm? Needed only when they, or the layout of books, have changed.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createMemoryStream, main as compileAssembly } from 'assemblyscript/asc';
import { TICK_MAX } from '../../book/grid.ts';
import * as layout from '../../book/layout.ts';
import { STAMP_EXCHANGE, STAMP_RECEIVED, STAMP_SENT, STAMP_SEQUENCE, STAMP_UPDATE } from '../../book/staging.ts';
import { LIVE, STALE } from '../../book/trust.ts';
import { STAGED_MAX } from '../../book/kernel-places.ts';

/** In the order in which they are one text. */
const SOURCES = [new URL('./delta.as.ts', import.meta.url), new URL('./apply.as.ts', import.meta.url)];
const BINARY = new URL('./delta.wasm', import.meta.url);

const PAGES_MAX = 65_536;
const ARGUMENTS =
  '--optimizeLevel 3 --shrinkLevel 0 --converge --noAssert --runtime stub --importMemory --sharedMemory --noExportMemory ' +
  `--initialMemory 1 --maximumMemory ${PAGES_MAX} --enable threads`;

/** The constants that the kernel shares with those who read what it writes. */
function constants(): string {
  const shared = {
    ...layout,
    STAMP_EXCHANGE,
    STAMP_RECEIVED,
    STAMP_SENT,
    STAMP_SEQUENCE,
    STAMP_UPDATE,
    LIVE,
    STALE,
    STAGED_MAX,
    TICK_MAX,
  };
  return Object.entries(shared)
    .flatMap(([name, value]) => (typeof value === 'number' ? `const ${name}: i32 = ${value};` : []))
    .join('\n');
}

/** The bytes of the kernel, made anew. */
export async function compileKernel(): Promise<Uint8Array> {
  const source = [...SOURCES.map((source) => readFileSync(source, 'utf8')), constants(), ''].join('\n');
  let binary: Uint8Array | undefined;
  const { error, stderr } = await compileAssembly(['delta.ts', '--outFile', 'delta.wasm', ...ARGUMENTS.split(' ')], {
    stderr: createMemoryStream(),
    readFile: (name) => (name === 'delta.ts' ? source : null),
    writeFile: (name, contents) => {
      if (name === 'delta.wasm') binary = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (binary === undefined) {
    const words = (stderr as ReturnType<typeof createMemoryStream>).toString();
    throw new Error(`the kernel could not be compiled: ${words}`, { cause: error });
  }
  return binary;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const bytes = await compileKernel();
  writeFileSync(BINARY, bytes);
  process.stdout.write(`delta.wasm: ${bytes.length} bytes\n`);
}

// How does AssemblyScript become WebAssembly? Needed only when a kernel's sources, or the numbers that it shares with
// TypeScript, have changed.
import { readFileSync } from 'node:fs';
import { createMemoryStream, main as compile } from 'assemblyscript/asc';

/** What a kernel is made of; a module of one exports it as `recipe`. */
export interface Recipe {
  /** In the order in which they are one text. */
  readonly sources: readonly URL[];
  /** Behind them, see `declareNumbers`. */
  readonly constants: string;
  /** Of the compiler, beside those of every kernel. */
  readonly options: string;
  readonly binary: URL;
}

/** A kernel has no heap, and its memory is made by whoever lays the arrays in it. */
const OPTIONS =
  '--optimizeLevel 3 --shrinkLevel 0 --converge --noAssert --runtime stub --importMemory --noExportMemory --initialMemory 1';

/** A comment in the sources, for a decorator of a function is nothing that the formatter can read. */
const INLINE = /^\/\/ @inline$/gm;

/** The numbers of a module as constants of a kernel. */
export function declareNumbers(numbers: object, type: (name: string) => 'i32' | 'usize' = () => 'i32'): string {
  return Object.entries(numbers)
    .flatMap(([name, value]) => (typeof value === 'number' ? `const ${name}: ${type(name)} = ${value};` : []))
    .join('\n');
}

/** The bytes of a kernel, made anew. */
export async function compileKernel({ sources, constants, options }: Recipe): Promise<Uint8Array> {
  const source = [...sources.map((source) => readFileSync(source, 'utf8')), constants, '']
    .join('\n')
    .replaceAll(INLINE, '@inline');
  let binary: Uint8Array | undefined;
  const words = ['kernel.ts', '--outFile', 'kernel.wasm', ...OPTIONS.split(' '), ...options.split(' ')];
  const { error, stderr } = await compile(words, {
    stderr: createMemoryStream(),
    readFile: (name) => (name === 'kernel.ts' ? source : null),
    writeFile: (name, contents) => {
      if (name === 'kernel.wasm') binary = contents as Uint8Array;
    },
    listFiles: () => [],
  });
  if (binary === undefined) {
    const said = (stderr as ReturnType<typeof createMemoryStream>).toString();
    throw new Error(`the kernel could not be compiled: ${said}`, { cause: error });
  }
  return binary;
}

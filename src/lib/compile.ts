// `npm run kernel`: which kernels are compiled, and where to? Those whose recipes are named, each beside its recipe.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compileKernel, type Recipe } from './assembly.ts';

for (const path of process.argv.slice(2)) {
  const { recipe } = (await import(pathToFileURL(resolve(path)).href)) as { readonly recipe: Recipe };
  const bytes = await compileKernel(recipe);
  writeFileSync(recipe.binary, bytes);
  process.stdout.write(`${fileURLToPath(recipe.binary)}: ${bytes.length} bytes\n`);
}

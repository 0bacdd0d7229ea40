// What is scan.wasm made of?
import { declareNumbers, type Recipe } from '../../lib/assembly.ts';
import * as params from '../params.ts';
import * as layout from './layout.ts';

export const recipe: Recipe = {
  sources: [
    new URL('./side.as.ts', import.meta.url),
    new URL('./memory.as.ts', import.meta.url),
    new URL('./detect.as.ts', import.meta.url),
    new URL('./neighbours.as.ts', import.meta.url),
  ],
  constants: declareNumbers({ ...layout, ...params }, (name) => (name.endsWith('_AT') ? 'usize' : 'i32')),
  options: '--enable simd --enable bulk-memory',
  binary: new URL('./scan.wasm', import.meta.url),
};

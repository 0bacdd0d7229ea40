// How does a kernel come into a thread? Compiled for the machine once, however many memories it works on.
import { readFileSync } from 'node:fs';

export function loadWasm(binary: URL): WebAssembly.Module {
  return new WebAssembly.Module(readFileSync(binary));
}

// Which program does a test run, and with which Node? That of the install.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const NODE = path.join(ROOT, 'node_modules', '.bin', 'node');
export const MAIN = path.join(ROOT, 'src', 'main.ts');

// The analyzer thread: one long-lived task that scans books in shared memory. The loop is in src/pool/analyzer-loop.ts.
import { inlineConstants } from '../src/lib/literals.ts';

inlineConstants();
// Only now, for what is loaded earlier is loaded as it stands.
export const { runAnalyzer } = await import('../src/pool/analyzer-loop.ts');

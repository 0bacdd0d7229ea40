// The analyzer thread: one long-lived task that scans books in shared memory. The loop is in src/pool/analyzer-loop.ts.
export { runAnalyzer } from '../src/pool/analyzer-loop.ts';

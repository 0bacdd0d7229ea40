// A thread of a sweep: runs recordings under one variant of the settings. What it does is in src/backtest/variant.ts.
import { inlineConstants } from '../src/lib/literals.ts';

inlineConstants();
// Only now, for what is loaded earlier is loaded as it stands.
export const { runVariant } = await import('../src/backtest/variant.ts');

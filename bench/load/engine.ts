// How does the engine bear the load? The daemon's own engine on its own sockets, in a process of its own; without trading,
// storage and page.
import { inlineConstants } from '../../src/lib/literals.ts';

// As `src/main.ts` does; only then, for what is loaded earlier is loaded as it stands.
inlineConstants();
const { runEngine } = await import('./engine-run.ts');
await runEngine(JSON.parse(process.argv[2] ?? '{}'));

// What does a browser get? The page's sources, bundled in memory when the thread starts: nothing built stands in the tree.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build, stop, type BuildResult } from 'esbuild';

export interface Asset {
  readonly path: string;
  readonly type: string;
  readonly body: Buffer;
  readonly etag: string;
}

const PAGE = fileURLToPath(new URL('../../web', import.meta.url));
const BUNDLES = [
  { from: 'page.ts', path: '/page.js', type: 'text/javascript; charset=utf-8' },
  { from: 'page.css', path: '/page.css', type: 'text/css; charset=utf-8' },
];
const PLAIN = [
  { from: 'page.html', path: '/', type: 'text/html; charset=utf-8' },
  { from: 'icon.svg', path: '/icon.svg', type: 'image/svg+xml' },
];

const bundle = (): Promise<BuildResult<{ write: false }>> =>
  build({
    absWorkingDir: PAGE,
    entryPoints: BUNDLES.map(({ from }) => from),
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    write: false,
    outdir: PAGE,
    entryNames: '[name]',
    logLevel: 'silent',
  });

/** The bundler is a process: a Ctrl-C on the terminal ends it as well, while the engine goes on until all is closed. */
async function bundleAnew(): Promise<BuildResult<{ write: false }>> {
  await stop();
  return bundle();
}

/** Throws with the bundler's words where a source is wrong. */
export async function loadAssets(): Promise<ReadonlyMap<string, Asset>> {
  const bundled = bundle().catch(bundleAnew);
  const [{ outputFiles }, ...plain] = await Promise.all([
    bundled,
    ...PLAIN.map(async ({ from, path, type }) => assetOf(path, type, await readFile(`${PAGE}/${from}`))),
  ]);
  // It is not needed any more.
  await stop();
  const made = BUNDLES.map(({ path, type }) => {
    const file = outputFiles.find((output) => output.path.endsWith(path));
    if (file === undefined) throw new Error(`the bundler has made no ${path}`);
    return assetOf(path, type, Buffer.from(file.contents));
  });
  return new Map([...made, ...plain].map((asset) => [asset.path, asset]));
}

function assetOf(path: string, type: string, body: Buffer): Asset {
  return { path, type, body, etag: `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"` };
}

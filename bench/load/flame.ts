// What does a profile look like? One page without any reference to elsewhere: open it, click to come nearer.
import type { Flame, ThreadProfile } from './profile.ts';

/** Below this share of a thread's time nothing can be seen. */
const SHARE_MIN = 0.0005;

interface Bar {
  readonly n: string;
  readonly p: string;
  readonly t: number;
  readonly s: number;
  readonly c: readonly Bar[];
}

function barOf({ name, place, total, self, children }: Flame, least: number): Bar {
  const kept = children.filter((child) => child.total >= least);
  return {
    n: name,
    p: place,
    t: round(total),
    s: round(self),
    c: kept.toSorted((a, b) => b.total - a.total).map((child) => barOf(child, least)),
  };
}

const round = (ms: number): number => Math.round(ms * 10) / 10;

export function flamePage(title: string, profiles: readonly ThreadProfile[]): string {
  const threads = profiles.map(({ thread, busyMs, idleMs, root }) => ({
    thread,
    busyMs: round(busyMs),
    idleMs: round(idleMs),
    root: { ...barOf(root, busyMs * SHARE_MIN), n: thread },
  }));
  // A function's name may hold anything.
  const data = JSON.stringify(threads).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>${title}</title>
<style>
  body { font: 12px system-ui, sans-serif; margin: 1rem; color: #222; background: #fff }
  h1 { font-size: 1rem } h2 { font-size: .9rem; margin: 1.2rem 0 .3rem }
  .flame { position: relative }
  .flame button { position: absolute; height: 17px; padding: 0 3px; border: 1px solid #fff; font: 11px ui-monospace, monospace;
    text-align: left; overflow: hidden; white-space: nowrap; cursor: pointer; color: #222 }
  .flame button:focus-visible { outline: 2px solid #06c; z-index: 1 }
  #what { position: sticky; top: 0; background: #fff; padding: .3rem 0; min-height: 1.2em }
</style>
<h1>${title}</h1>
<p id="what">Width is time on the processor. Click a bar to come nearer, one above it to go back.</p>
<script>
const threads = ${data};
const what = document.getElementById('what');
const hue = (text) => { let h = 0; for (const c of text) h = (h * 31 + c.charCodeAt(0)) % 360; return h };
for (const { thread, busyMs, idleMs, root } of threads) {
  const head = document.createElement('h2');
  head.textContent = thread + ': busy ' + busyMs + ' ms, idle ' + idleMs + ' ms';
  const flame = document.createElement('div');
  flame.className = 'flame';
  document.body.append(head, flame);
  const path = [root];
  const draw = () => {
    const top = path.at(-1);
    flame.replaceChildren();
    let deepest = 0;
    const bar = (node, left, width, row, go) => {
      if (width < 0.05) return;
      deepest = Math.max(deepest, row);
      const button = document.createElement('button');
      button.textContent = node.n;
      button.style.cssText = 'left:' + left + '%;width:' + width + '%;top:' + row * 18 + 'px;background:hsl(' + hue(node.p || node.n) + ' 70% 82%)';
      const says = node.n + ' ' + node.p + ': ' + node.t + ' ms, itself ' + node.s + ' ms, ' + (100 * node.t / busyMs).toFixed(1) + ' % of the busy time';
      button.title = says;
      button.onmouseenter = button.onfocus = () => { what.textContent = says };
      button.onclick = go;
      flame.append(button);
    };
    path.forEach((node, row) => bar(node, 0, 100, row, () => { path.length = row + 1; draw() }));
    const below = (node, left, width, row, way) => {
      let at = left;
      for (const child of node.c) {
        const w = width * child.t / Math.max(node.t, 0.0001);
        const on = [...way, child];
        bar(child, at, w, row, () => { path.push(...on); draw() });
        if (w >= 0.05) below(child, at, w, row + 1, on);
        at += w;
      }
    };
    below(top, 0, 100, path.length, []);
    flame.style.height = (deepest + 1) * 18 + 'px';
  };
  draw();
}
</script></html>
`;
}

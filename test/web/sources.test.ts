// Do the page's sources keep their promises? Checked by the compiler with a browser's words, and free of inline code.
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WEB = path.join(ROOT, 'src', 'web');
const html = readFileSync(path.join(WEB, 'page.html'), 'utf8');
const sources = readdirSync(WEB, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(path.join(WEB, name), 'utf8') }));

test('the compiler finds nothing in the sources of the page', () => {
  const { stdout, status } = spawnSync(path.join(ROOT, 'node_modules', '.bin', 'tsc'), ['--noEmit', '-p', WEB], {
    encoding: 'utf8',
    env: { ...process.env, PATH: `${path.join(ROOT, 'node_modules', '.bin')}${path.delimiter}${process.env['PATH']}` },
  });
  expect(stdout).toBe('');
  expect(status).toBe(0);
});

test('the page has no inline script, style or handler, and loads from its own server only', () => {
  expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
  expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/);
  expect(
    [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, to]) => to).filter((to) => !/^[/#]/.test(to ?? '')),
  ).toEqual([]);
});

test('nothing that is told is read as markup or code', () => {
  const bad = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/;
  expect(sources.filter(({ text }) => bad.test(text)).map(({ name }) => name)).toEqual([]);
});

test('every part that a view asks for stands in the page', () => {
  const asked = sources.flatMap(({ text }) =>
    [...text.matchAll(/\bpart(?:<\w+>)?\('([\w-]+)'\)/g)].map(([, id]) => id),
  );
  expect(asked.length).toBeGreaterThan(10);
  expect(asked.filter((id) => !html.includes(`id="${id ?? ''}"`))).toEqual([]);
});

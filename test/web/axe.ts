// What would keep somebody from using the page? The rules of WCAG 2.2 A and AA, and good practice, one line a finding.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export const ALL_RULES = {
  type: 'tag',
  values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
};
/** What a colour or a size can change; names and roles are the same on every screen. */
export const SEEN_RULES = {
  type: 'rule',
  values: ['color-contrast', 'target-size', 'heading-order', 'scrollable-region-focusable'],
};

/** Once a page. */
export async function loadAxe(page: Page): Promise<void> {
  await page.evaluate(AXE);
}

/** Within `where`. */
export async function findings(page: Page, where: readonly string[], rules: object): Promise<string[]> {
  const { violations } = await page.evaluate<AxeResults>(
    `axe.run({ include: ${JSON.stringify(where)} }, { resultTypes: ['violations'], runOnly: ${JSON.stringify(rules)} })`,
  );
  return violations.flatMap(({ id, impact, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${impact ?? ''} ${id}: ${html.slice(0, 120)} ${failureSummary ?? ''}`),
  );
}

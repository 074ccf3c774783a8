// What the tests know of the sites that setup started.
import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { stateFile } from './setup.mjs';

export const servers = JSON.parse(readFileSync(stateFile, 'utf8'));
export const simulated = servers.find((s) => s.name === 'simulated') ?? servers[0];

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** violations lists what axe finds wrong with a page as it stands. The rows of a table after the
 * twentieth are made like those before, and would take most of the time. */
export async function violations(page) {
  const { violations } = await new AxeBuilder({ page }).withTags(rules).exclude('tbody tr:nth-child(n + 21)').options({ resultTypes: ['violations'] }).analyze();
  return violations.map((v) => `${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(', ')}`);
}

/** overflow is how many pixels of a page lie beyond its right edge. */
export const overflow = (page) => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** firstProject is the page of the most downloaded project. */
export const firstProject = simulated.pages.types.project;

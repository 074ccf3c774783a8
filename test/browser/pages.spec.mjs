import { readFileSync } from 'node:fs';
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { stateFile } from './setup.mjs';

const { url } = JSON.parse(readFileSync(stateFile, 'utf8'));

/** firstProject reads the most downloaded project from the public list, so no name is written here. */
async function firstProject(request) {
  const html = await (await request.get(`${url}/projects`)).text();
  return html.match(/href="(\/p\/[^"]+)"/)[1];
}

async function pagesOf(request) {
  return ['/', '/projects', await firstProject(request), '/status', '/methods', '/data',
    '/chart/coverage', '/chart/score-distribution', '/chart/advisories-by-month', '/p/no-such-project-here'];
}

const widths = { wide: 1280, narrow: 390 };

for (const scheme of ['light', 'dark']) {
  for (const [name, width] of Object.entries(widths)) {
    test(`every page stands at ${width} px, ${scheme}: no violation, no sideways scroll, no other host`, async ({ browser, request }) => {
      test.setTimeout(240_000);
      const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: scheme });
      const page = await context.newPage();
      const foreign = [];
      page.on('request', (r) => { if (!r.url().startsWith(url) && !r.url().startsWith('data:')) foreign.push(r.url()); });
      const errors = [];
      page.on('console', (m) => { if (m.type() === 'error' && !/404/.test(m.text())) errors.push(`${page.url()}: ${m.text()}`); });
      page.on('pageerror', (e) => errors.push(`${page.url()}: ${e.message}`));
      for (const path of await pagesOf(request)) {
        await page.goto(url + path);
        await page.screenshot({ path: `test-results/${path.replaceAll('/', '_') || '_'}-${name}-${scheme}.png`, fullPage: true });
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
        expect(overflow, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
        const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
        expect(violations.map((v) => `${path}: ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(', ')}`)).toEqual([]);
      }
      expect(foreign).toEqual([]);
      expect(errors).toEqual([]);
      await context.close();
    });
  }
}

test('pages read without script: charts are drawn, tables open', async ({ browser, request }) => {
  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  for (const path of ['/', await firstProject(request)]) {
    await page.goto(url + path);
    const chart = page.locator('figure svg').first();
    await expect(chart).toBeVisible();
    const details = page.locator('figure details').first();
    await details.locator('summary').click();
    await expect(details.locator('table')).toBeVisible();
  }
  await context.close();
});

test('chart text is at least 11 px on a phone', async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${url}/`);
  const smallest = await page.evaluate(() => {
    const heights = [...document.querySelectorAll('figure svg')]
      .filter((svg) => svg.getBoundingClientRect().width > 0)
      .flatMap((svg) => {
        const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
        return [...svg.querySelectorAll('text')].map((t) => parseFloat(getComputedStyle(t).fontSize) * scale);
      });
    return Math.min(...heights);
  });
  expect(smallest).toBeGreaterThanOrEqual(11);
  await context.close();
});

test('the slash key finds the search box, and the search finds a project', async ({ page, request }) => {
  const path = await firstProject(request);
  await page.goto(`${url}/status`);
  await page.keyboard.press('/');
  await expect(page.locator('header input[type=search]')).toBeFocused();
  await page.keyboard.type(decodeURIComponent(path.slice('/p/'.length)).toUpperCase());
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(url + path);
});

test('the keyboard reads a chart', async ({ page }) => {
  await page.goto(`${url}/`);
  const plot = page.locator('figure .plot[tabindex="0"]').first();
  await plot.focus();
  await page.keyboard.press('End');
  await expect(page.locator('figure [role=status]').first()).not.toBeEmpty();
});

test('the filter keeps the whole state in the URL, and Back works', async ({ page }) => {
  await page.goto(`${url}/`);
  await page.selectOption('form.filter select[name=cohort]', 'top100');
  // With script a choice applies at once; the button is for those without.
  await expect(page).toHaveURL(/cohort=top100/);
  await page.goBack();
  await expect(page).toHaveURL(`${url}/`);
});

test('a chart, its table, its CSV and its JSON hold the same numbers', async ({ request }) => {
  for (const slug of ['coverage', 'score-distribution', 'advisories-by-month']) {
    const csv = (await (await request.get(`${url}/chart/${slug}.csv`)).text()).trim().split(/\r?\n/);
    const json = await (await request.get(`${url}/chart/${slug}.json`)).json();
    const points = json.series.flatMap((s) => s.points.map((p) => [s.name, p.t.slice(0, 10), p.v]));
    expect(csv.length - 1, slug).toBe(points.length);
    for (const [i, [name, t, v]] of points.entries()) {
      const [series, date, value] = csv[i + 1].split(',');
      expect([series, date.slice(0, 10), value === '' ? null : Number(value)], `${slug} row ${i}`).toEqual([name, t, v]);
    }
  }
});

import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';
import { charts, errorPages, firstProject, pageTypes, servers, simulated } from './site.mjs';

const widths = { wide: 1280, narrow: 390 };
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

for (const { name: source, url } of servers) {
  for (const scheme of ['light', 'dark']) {
    for (const [width, pixels] of Object.entries(widths)) {
      test(`${source}: every page stands at ${pixels} px, ${scheme}: no violation, no sideways scroll, no other host`, async ({ browser }) => {
        test.setTimeout(300_000);
        const context = await browser.newContext({ viewport: { width: pixels, height: 900 }, colorScheme: scheme });
        const page = await context.newPage();
        const foreign = [];
        page.on('request', (r) => { if (!r.url().startsWith(url) && !r.url().startsWith('data:') && !r.url().startsWith('blob:')) foreign.push(r.url()); });
        const wrong = [];
        page.on('console', (m) => { if (m.type() === 'error' && !/status of 40[04]/.test(m.text())) wrong.push(`${page.url()}: ${m.text()}`); });
        page.on('pageerror', (e) => wrong.push(`${page.url()}: ${e.message}`));
        const paths = { ...(await pageTypes(url)), ...errorPages };
        for (const path of await charts(url)) paths[path.slice(1).replace('/', '-')] = path;
        for (const [name, path] of Object.entries(paths)) {
          const answer = await page.goto(url + path);
          expect(answer.status(), path).toBe(name in errorPages ? { refused: 400 }[name] ?? 404 : 200);
          await page.screenshot({ path: `test-results/${source}/${name}-${width}-${scheme}.png`, fullPage: true });
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
          expect.soft(overflow, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
          const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze();
          expect.soft(violations.map((v) => `${path}: ${v.id}: ${v.help}: ${v.nodes.slice(0, 3).map((n) => n.target.join(' ')).join(', ')}`)).toEqual([]);
        }
        expect(foreign).toEqual([]);
        expect(wrong).toEqual([]);
        await context.close();
      });
    }
  }

  test(`${source}: every page reads without script`, async ({ browser }) => {
    test.setTimeout(120_000);
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 1280, height: 900 } });
    const page = await context.newPage();
    for (const [name, path] of Object.entries(await pageTypes(url))) {
      await page.goto(url + path);
      await expect.soft(page.locator('h1').first(), path).toBeVisible();
      const figures = page.locator('figure.fig');
      for (let i = 0; i < (await figures.count()); i++) {
        const figure = figures.nth(i);
        await expect.soft(figure.locator('svg:visible, .state').first(), `${name}, figure ${i}: neither a chart nor a reason`).toBeVisible();
        const table = figure.locator('details:has(table)').first();
        if ((await table.count()) === 0) continue;
        if (!(await table.evaluate((d) => d.open))) await table.locator('summary').click();
        await expect.soft(table.locator('table'), `${name}, figure ${i}: no table`).toBeVisible();
      }
    }
    await context.close();
  });
}

test('chart text is at least 11 px on a phone', async ({ browser }) => {
  test.setTimeout(120_000);
  const context = await browser.newContext({ viewport: { width: 390, height: 900 } });
  const page = await context.newPage();
  for (const path of [...Object.values(await pageTypes(simulated.url)), ...(await charts(simulated.url))]) {
    await page.goto(simulated.url + path);
    const smallest = await page.evaluate(() => {
      const heights = [...document.querySelectorAll('figure svg')]
        .filter((svg) => svg.getBoundingClientRect().width > 0 && svg.viewBox.baseVal)
        .flatMap((svg) => {
          const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
          return [...svg.querySelectorAll('text')].map((t) => parseFloat(getComputedStyle(t).fontSize) * scale);
        });
      return heights.length > 0 ? Math.min(...heights) : 12;
    });
    expect.soft(smallest, path).toBeGreaterThanOrEqual(11);
  }
  await context.close();
});

test('nothing moves while a page loads', async ({ page }) => {
  test.setTimeout(120_000);
  for (const path of Object.values(await pageTypes(simulated.url))) {
    await page.goto(simulated.url + path);
    const shift = await page.evaluate(() => new Promise((done) => {
      let sum = 0;
      new PerformanceObserver((list) => { for (const e of list.getEntries()) sum += e.value; }).observe({ type: 'layout-shift', buffered: true });
      requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
    }));
    expect.soft(shift, path).toBe(0);
  }
});

test('the slash key finds the search box, and the search finds a project', async ({ page }) => {
  const { url } = simulated;
  const path = await firstProject(url);
  await page.goto(`${url}/status`);
  await page.keyboard.press('/');
  await expect(page.locator('header input[type=search]')).toBeFocused();
  await page.keyboard.type(decodeURIComponent(path.slice('/p/'.length)).toUpperCase());
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(url + path);
});

test('the keyboard reads a chart', async ({ page }) => {
  await page.goto(`${simulated.url}/`);
  const plot = page.locator('figure .plot[tabindex="0"]').first();
  await plot.focus();
  await page.keyboard.press('End');
  await expect(page.locator('figure [role=status]').first()).not.toBeEmpty();
});

test('the filter keeps the whole state in the URL, and Back works', async ({ page }) => {
  const { url } = simulated;
  await page.goto(`${url}/`);
  const choice = page.locator('form.filter select[name=cohort]');
  const before = await choice.inputValue();
  await choice.selectOption('top100');
  // With script a choice applies at once; the button is for those without.
  await expect(page).toHaveURL(/cohort=top100/);
  await page.goBack();
  await expect(page).toHaveURL(`${url}/`);
  await expect(page.locator('form.filter select[name=cohort]')).toHaveValue(before);
});

test('every page prints in light colours, with its tables open', async ({ page }) => {
  test.setTimeout(120_000);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  for (const path of Object.values(await pageTypes(simulated.url))) {
    await page.goto(simulated.url + path);
    await expect.soft(page.locator('header.top nav').first(), path).toBeHidden();
    const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    expect.soft(['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)'], `${path} prints on ${ground}`).toContain(ground);
  }
});

import { expect, test } from '@playwright/test';
import { overflow, servers, simulated, violations } from './site.mjs';

const wide = { width: 1280, height: 900 };
const narrow = { width: 390, height: 844 };

/** watch collects what a page asks of other hosts and what goes wrong in it. */
function watch(page, url) {
  const wrong = [];
  page.on('request', (r) => { if (!/^(data|blob):/.test(r.url()) && new URL(r.url()).origin !== url) wrong.push(`asks ${r.url()}`); });
  page.on('console', (m) => { if (m.type() === 'error' && !/status of 40[04]/.test(m.text())) wrong.push(m.text()); });
  page.on('pageerror', (e) => wrong.push(e.message));
  return wrong;
}

/** shift is how far things moved while the page loaded. */
const shift = (page) => page.evaluate(() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const e of list.getEntries()) sum += e.value; }).observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
}));

/** smallest is the height in pixels of the smallest words in a chart that is shown. */
const smallest = (page) => page.evaluate(() => Math.min(12, ...[...document.querySelectorAll('figure svg')]
  .filter((svg) => svg.getBoundingClientRect().width > 0 && svg.viewBox.baseVal)
  .flatMap((svg) => {
    const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
    return [...svg.querySelectorAll('text')].map((t) => parseFloat(getComputedStyle(t).fontSize) * scale);
  })));

/** stands is what holds of every page at a width and in a colour scheme. */
async function stands(page, size, colorScheme, { axe = true } = {}) {
  const state = `at ${size.width} px, ${colorScheme}`;
  await page.setViewportSize(size);
  await page.emulateMedia({ colorScheme });
  expect.soft(await overflow(page), `scrolls sideways ${state}`).toBeLessThanOrEqual(0);
  if (axe) expect.soft(await violations(page), `axe ${state}`).toEqual([]);
}

for (const { name: source, url, pages } of servers) {
  for (const [name, path] of Object.entries(pages.types)) {
    test(`${source}: ${name}: wide and narrow, light and dark, on paper`, async ({ page, request }) => {
      const wrong = watch(page, url);
      await page.setViewportSize(wide);
      expect((await page.goto(url + path)).status()).toBe(200);
      expect.soft(await shift(page), 'things move while it loads, wide').toBeLessThanOrEqual(0.01);
      await stands(page, wide, 'light');
      await stands(page, wide, 'dark', { axe: false });

      const card = await page.locator('meta[property="og:image"]').getAttribute('content');
      expect.soft(card, 'the card has another host').toMatch(new RegExp(`^${url}/card/`));
      expect.soft((await request.get(card)).headers()['content-type'], card).toBe('image/png');
      expect.soft((await page.locator('meta[name=description]').getAttribute('content')).length, 'no description').toBeGreaterThan(20);

      await page.setViewportSize(narrow);
      await page.reload();
      expect.soft(await shift(page), 'things move while it loads, narrow').toBeLessThanOrEqual(0.01);
      await stands(page, narrow, 'dark');
      await stands(page, narrow, 'light', { axe: false });
      expect.soft(await smallest(page), 'words of a chart').toBeGreaterThanOrEqual(11);

      await page.setViewportSize(wide);
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      await expect.soft(page.locator('header.top nav').first()).toBeHidden();
      const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      expect.soft(['rgb(255, 255, 255)', 'rgba(0, 0, 0, 0)'], `prints on ${ground}`).toContain(ground);
      for (const table of await page.locator('figure.fig details table').all()) await expect.soft(table, 'a table that is not printed').toBeVisible();
      expect(wrong).toEqual([]);
    });
  }

  test(`${source}: charts by themselves: wide and narrow, light and dark`, async ({ page }) => {
    test.setTimeout(600_000);
    const axe = source === simulated.name; // one figure makes them all, and the pages around it are tried on each source
    const wrong = watch(page, url);
    for (const path of pages.charts) {
      await test.step(path, async () => {
        await page.setViewportSize(wide);
        expect.soft((await page.goto(url + path)).status(), path).toBe(200);
        expect.soft(await shift(page), 'things move while it loads').toBeLessThanOrEqual(0.01);
        await stands(page, wide, 'light', { axe });
        await stands(page, wide, 'dark', { axe: false });
        await stands(page, narrow, 'light', { axe: false });
        await stands(page, narrow, 'dark', { axe });
        expect.soft(await smallest(page), 'words of a chart').toBeGreaterThanOrEqual(11);
      });
    }
    expect(wrong).toEqual([]);
  });

  test(`${source}: pages that say what is wrong`, async ({ page }) => {
    const wrong = watch(page, url);
    for (const [path, status] of Object.entries(pages.errors)) {
      await test.step(path, async () => {
        await page.setViewportSize(wide);
        expect.soft((await page.goto(url + path)).status(), path).toBe(status);
        await expect.soft(page.locator('h1')).toBeVisible();
        await stands(page, wide, 'light');
        await stands(page, narrow, 'dark');
      });
    }
    expect(wrong).toEqual([]);
  });

  test(`${source}: every page reads without script`, async ({ browser }) => {
    test.setTimeout(120_000);
    const context = await browser.newContext({ javaScriptEnabled: false, viewport: wide });
    const page = await context.newPage();
    for (const path of [...Object.values(pages.types), ...pages.charts]) {
      await test.step(path, async () => {
        await page.goto(url + path);
        await expect.soft(page.locator('h1')).toBeVisible();
        for (const [i, figure] of (await page.locator('figure.fig').all()).entries()) {
          await expect.soft(figure.locator('svg:visible, .state').first(), `figure ${i}: neither a chart nor a reason`).toBeVisible();
        }
        for (const size of [wide, narrow]) {
          await page.setViewportSize(size);
          expect.soft(await overflow(page), `scrolls sideways at ${size.width} px`).toBeLessThanOrEqual(0);
        }
        const closed = page.locator('figure.fig details:not([open]):has(table) > summary');
        while ((await closed.count()) > 0) await closed.first().click();
        for (const table of await page.locator('figure.fig details table').all()) await expect.soft(table).toBeVisible();
      });
    }
    await context.close();
  });
}

import { expect, test } from '@playwright/test';
import { simulated, violations } from './site.mjs';

const { url } = simulated;

/** names reads the most downloaded projects from the public list, so no name is written here. */
async function names(request) {
  const html = await (await request.get(`${url}/projects`)).text();
  return [...new Set([...html.matchAll(/href="\/p\/([^"]+)"/g)].map((m) => decodeURIComponent(m[1])))];
}

const field = (page) => page.getByRole('combobox', { name: /find a project/i });

test('the search field is a combobox that the keyboard works', async ({ page, request }) => {
  const [name] = await names(request);
  await page.goto(`${url}/status`);
  await page.keyboard.press('/');
  await expect(field(page)).toBeFocused();
  await expect(field(page)).toHaveAttribute('aria-expanded', 'false');

  await page.keyboard.type(name.slice(0, 3));
  const hits = page.getByRole('option');
  await expect(hits.first()).toBeVisible();
  expect(await hits.count()).toBeLessThanOrEqual(8);
  await expect(field(page)).toHaveAttribute('aria-expanded', 'true');
  await expect(page.locator('.find [role=status]')).toHaveText(/hit/);

  await page.keyboard.press('ArrowDown');
  await expect(hits.first()).toHaveAttribute('aria-selected', 'true');
  await expect(field(page)).toHaveAttribute('aria-activedescendant', await hits.first().getAttribute('id'));
  await page.keyboard.press('ArrowUp'); // back in the field
  await expect(field(page)).not.toHaveAttribute('aria-activedescendant', /./);
  await page.keyboard.press('ArrowUp'); // and round to the last
  await expect(hits.last()).toHaveAttribute('aria-selected', 'true');
  expect(await violations(page)).toEqual([]);

  await page.keyboard.press('Escape');
  await expect(page.getByRole('listbox')).toBeHidden();
  await expect(field(page)).toHaveValue(name.slice(0, 3));
  await page.keyboard.press('ArrowDown'); // opens again, at the first one
  await expect(hits.first()).toHaveAttribute('aria-selected', 'true');
  const first = await hits.first().getAttribute('data-href');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(url + first);
});

test('a name that is typed whole stands first, and Enter leads there', async ({ page, request }) => {
  const name = (await names(request))[1];
  await page.goto(`${url}/methods`);
  await field(page).fill(name.toUpperCase().replaceAll('-', '_'));
  await expect(page.getByRole('option').first()).toContainText(/project, rank/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${url}/p/${name}`);
});

test('an answer that comes late opens nothing that was closed', async ({ page }) => {
  let release;
  const held = new Promise((done) => { release = done; });
  await page.route('**/api/v1/search*', async (route) => {
    await held;
    await route.continue().catch(() => {}); // it was aborted
  });
  await page.goto(`${url}/methods`);
  const asked = page.waitForRequest('**/api/v1/search*');
  await field(page).fill('a');
  await asked;
  const search = (request) => request.url().includes('/api/v1/search');
  const ended = Promise.any([page.waitForEvent('requestfinished', search), page.waitForEvent('requestfailed', search)]);
  await page.keyboard.press('Tab');
  release();
  await ended;
  await expect(page.getByRole('listbox')).toBeHidden();
});

test('a search that fails leaves the form to work', async ({ page }) => {
  await page.route('**/api/v1/search*', (route) => route.abort());
  await page.goto(`${url}/methods`);
  await field(page).fill('nothing-of-that-kind');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('0 hits for nothing-of-that-kind');
});

test('without script the form leads to a page of hits', async ({ browser, request }) => {
  const [name] = await names(request);
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await page.goto(`${url}/methods`);
  await page.locator('header input[type=search]').fill(name.slice(0, 3));
  await page.locator('header').getByRole('button', { name: 'Search' }).click();
  await expect(page).toHaveURL(`${url}/search?q=${name.slice(0, 3)}`);
  await expect(page.locator('main').getByRole('link', { name, exact: true })).toBeVisible();
  await context.close();
});

test('the page of hits and the list below the field stand on a phone, in both schemes', async ({ browser, request }) => {
  const [name] = await names(request);
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport: { width: 390, height: 800 }, colorScheme });
    const page = await context.newPage();
    for (const path of [`/search?q=${name.slice(0, 3)}`, '/search?q=nothing-of-that-kind', '/search', '/no-such-page', '/?cohort=TOP100']) {
      await page.goto(url + path);
      expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), path).toBeLessThanOrEqual(0);
      expect(await violations(page), path).toEqual([]);
    }
    await field(page).fill(name.slice(0, 3));
    await expect(page.getByRole('option').first()).toBeVisible();
    expect(await violations(page)).toEqual([]);
    await context.close();
  }
});

test('the menu of a narrow screen lists every page and moves nothing', async ({ browser }) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 800 } });
  const page = await context.newPage();
  await page.goto(`${url}/methods`);
  const before = await page.locator('h1').boundingBox();
  await page.locator('.menu summary').click();
  await expect(page.getByRole('navigation', { name: 'Menu' }).getByRole('link')).toHaveCount(15);
  await expect(page.getByRole('navigation', { name: 'Menu' }).locator('[aria-current=page]')).toHaveText('Methods');
  expect(await page.locator('h1').boundingBox()).toEqual(before);
  expect(await violations(page)).toEqual([]);
  await context.close();
});

test('a filter swaps the page: the address, the focus, the voice and Back', async ({ page }) => {
  await page.goto(`${url}/`);
  let loads = 0;
  page.on('load', () => { loads += 1; });
  const cohort = page.locator('form.filter select[name=cohort]');
  await cohort.focus();
  await cohort.selectOption('top100');
  await expect(page).toHaveURL(`${url}/?cohort=top100`); // no default is written
  await expect(cohort).toBeFocused();
  await expect(page.locator('header > [role=status]')).toHaveText(/^Updated: /);
  await expect(page.locator('footer a', { hasText: 'Dark' })).toHaveAttribute('href', '/?cohort=top100&theme=dark');
  await page.goBack();
  await expect(page).toHaveURL(`${url}/`);
  await expect(cohort).toHaveValue('top1000');
  await page.goForward();
  await expect(cohort).toHaveValue('top100');
  expect(loads).toBe(0);
});

import { expect, test } from '@playwright/test';
import { simulated } from './site.mjs';

const chart = `${simulated.url}/chart/coverage`;
const threats = `${simulated.url}/threats`;

/** figure opens a chart of several lines and returns its parts. */
async function figure(page, address = chart) {
  await page.goto(address);
  const fig = page.locator('figure.fig').first();
  return { fig, plot: fig.locator('.plot'), read: fig.locator('.read'), links: fig.locator('.links') };
}

test('the keys read points and series of a chart, and the chosen series comes first', async ({ page }) => {
  const { plot, read, fig } = await figure(page);
  await plot.focus();
  await page.keyboard.press('Home');
  await expect(read).toHaveText(/^\d{1,2} [A-Z][a-z]{2} \d{4}: Top 1,000 /);
  const first = await read.textContent();
  await page.keyboard.press('ArrowRight');
  await expect(read).not.toHaveText(first);
  await page.keyboard.press('ArrowUp'); // from none to the last
  await expect(read).toHaveText(/^Top (?!1,000)[\d,]+ .*, \d{1,2} [A-Z][a-z]{2} \d{4} · Top 1,000 /);
  await expect(fig.locator('svg:visible [data-s].on').first()).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(read).toBeEmpty();
});

test('an entry of the legend hides its series and brings it back', async ({ page }) => {
  const { fig, plot, read } = await figure(page);
  const entry = fig.locator('.key button').nth(1);
  await expect(entry).toHaveAttribute('aria-pressed', 'true');
  await entry.press('Enter');
  await expect(entry).toHaveAttribute('aria-pressed', 'false');
  await expect(fig.locator('svg:visible [data-s="1"]').first()).toBeHidden();
  await plot.focus();
  await page.keyboard.press('End');
  await expect(read).not.toContainText(`${await entry.textContent()} `);
  await entry.press('Enter');
  await expect(fig.locator('svg:visible [data-s="1"]').first()).toBeVisible();
});

test('a range is chosen by dragging or with Shift, and becomes from and to of the page', async ({ page }) => {
  const { plot } = await figure(page);
  const drag = async (end) => {
    const box = await plot.boundingBox();
    await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + box.height / 2, { steps: 5 });
    await end();
  };
  await plot.click();
  await expect(page).toHaveURL(chart);
  await drag(async () => { await page.keyboard.press('Escape'); await page.mouse.up(); });
  await expect(page).toHaveURL(chart);
  await drag(() => page.mouse.up());
  await expect(page).toHaveURL(/from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d/);
  await page.goBack();
  await expect(page).toHaveURL(chart);
  await page.locator('figure.fig .plot').first().focus();
  await page.keyboard.press('End');
  for (let i = 0; i < 5; i++) await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/from=.*to=/);
});

test('the script makes a PNG of the drawing', async ({ page }) => {
  const { links } = await figure(page);
  const [download] = await Promise.all([page.waitForEvent('download'), links.getByRole('button', { name: 'PNG' }).click()]);
  expect(download.suggestedFilename()).toMatch(/coverage.*\.png$/);
  const chunks = [];
  for await (const chunk of await download.createReadStream()) chunks.push(chunk);
  const png = Buffer.concat(chunks);
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.readUInt32BE(16)).toBe(2016); // twice the width of the drawing
});

test('the links of a figure open in place, and what they hold can be copied', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { links } = await figure(page);
  const cite = links.getByText('Cite', { exact: true });
  const before = await cite.boundingBox();
  await cite.click();
  expect((await cite.boundingBox()).x).toBe(before.x);
  await links.locator('.give:visible button').first().click();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(await links.locator('.give:visible dd').first().textContent());
});

test('the supply chain is a drawing of links with names', async ({ page }) => {
  const { plot } = await figure(page, threats);
  const links = plot.locator('svg:visible a');
  await expect(links).toHaveCount(11);
  for (const link of await links.all()) {
    await expect(link).toHaveAttribute('aria-label', /evidence observed|unknown/);
    await link.focus();
    await expect(link).toBeFocused();
  }
  await links.first().press('Enter');
  await expect(page).toHaveURL(/\/threats.*#/);
});

test('without script a figure has no dead switches', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  const { fig } = await figure(page);
  await expect(fig.locator('button')).toHaveCount(0);
  await expect(fig.locator('.key.pick')).toBeHidden();
  await context.close();
});

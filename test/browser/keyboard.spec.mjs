import { expect, test } from '@playwright/test';
import { simulated } from './site.mjs';

const { url } = simulated;

/** tabTo presses Tab until what has the focus matches, and checks that the focus shows at each stop. */
async function tabTo(page, selector, most = 150) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab');
    const at = await page.evaluate((s) => {
      const e = document.activeElement;
      const style = getComputedStyle(e);
      const shown = e.matches(':focus-visible') && (style.outlineStyle !== 'none' || style.boxShadow !== 'none');
      return { met: e.matches(s), shown: shown || e === document.body, what: e.outerHTML.slice(0, 120) };
    }, selector);
    expect.soft(at.shown, `no sign of the focus on ${at.what}`).toBe(true);
    if (at.met) return;
  }
  throw new Error(`no ${selector} within ${most} stops`);
}

test('by keyboard alone: past the navigation, through a figure, into a range and back', async ({ page }) => {
  await page.goto(`${url}/`);
  await tabTo(page, 'a[href="#main"]', 1);
  await page.keyboard.press('Enter');
  await tabTo(page, 'figure.fig .plot');
  await page.keyboard.press('End');
  const read = page.locator('figure.fig').first().locator('.read');
  await expect(read).not.toBeEmpty();
  const last = await read.textContent();
  await page.keyboard.press('ArrowLeft');
  await expect(read).not.toHaveText(last);
  for (let i = 0; i < 8; i++) await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/from=\d{4}-\d\d-\d\d&to=\d{4}-\d\d-\d\d/);
  await page.goBack(); // Alt+Left belongs to the window, which a headless browser does not have
  await expect(page).toHaveURL(`${url}/#main`);
});

test('by keyboard alone: the table of a figure, its citation and the menu of a phone', async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${url}/adoption`);
  await tabTo(page, '.menu summary');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('navigation', { name: 'Menu' })).toBeVisible();
  await tabTo(page, 'nav[aria-label=Menu] a[href="/threats"]', 20);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(`${url}/threats`);
  await tabTo(page, 'figure.fig .links summary');
  await page.keyboard.press('Enter');
  await expect(page.locator('figure.fig .links table').first()).toBeVisible();
});

import { expect, test } from '@playwright/test';
import { charts, simulated } from './site.mjs';

const { url } = simulated;

/** rows counts the rows of a CSV, line ends inside of quotes left out. */
function rows(csv) {
  let n = 0;
  let quoted = false;
  for (const c of csv) {
    if (c === '"') quoted = !quoted;
    else if (c === '\n' && !quoted) n++;
  }
  return n - 1; // the header
}

test('a chart, its CSV and its JSON hold the same numbers', async ({ request }) => {
  for (const path of await charts(url)) {
    const csv = (await (await request.get(`${url}${path}.csv`)).text()).trim().split(/\r?\n/);
    const json = await (await request.get(`${url}${path}.json`)).json();
    const points = json.series.flatMap((s) => s.points.map((p) => [s.name, String(p.t).slice(0, 10), p.v]));
    expect(csv.length - 1, path).toBe(points.length);
    for (const [i, [name, t, v]] of points.entries()) {
      if (name.includes(',') || name.includes('"')) continue; // quoted; the count holds
      const [series, date, value] = csv[i + 1].split(',');
      expect([series, date.slice(0, 10), value === '' ? null : Number(value)], `${path} row ${i}`).toEqual([name, t, v]);
    }
  }
});

test('every chart is there as a drawing that stands alone', async ({ request }) => {
  for (const path of await charts(url)) {
    for (const theme of ['light', 'dark']) {
      const answer = await request.get(`${url}${path}.svg?theme=${theme}`);
      expect(answer.headers()['content-type'], path).toContain('image/svg+xml');
      const svg = await answer.text();
      expect(svg, path).not.toMatch(/var\(|<script|<a /);
    }
  }
});

test('a list and its CSV have the same rows', async ({ page, request }) => {
  for (const list of ['/projects', '/advisories', '/advisories?severity=high', '/changes']) {
    await page.goto(url + list);
    const link = page.locator('main a[href*=".csv"]').first();
    const href = await link.getAttribute('href');
    const csv = await (await request.get(new URL(href, url).href)).text();
    // The pager says how many rows there are; without one all of them are on the page.
    const pager = page.locator('.pager span');
    const said = (await pager.count()) > 0 ? Number((await pager.first().textContent()).match(/of ([\d,]+)/)[1].replaceAll(',', ''))
      : await page.locator('main table tbody tr').count();
    expect(rows(csv), list).toBe(said);
  }
});

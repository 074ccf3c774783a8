import { expect, test } from '@playwright/test';
import { servers, simulated } from './site.mjs';

/** file is the address of a chart in another form. */
const file = (path, form) => path.replace(/(?=\?|$)/, `.${form}`);

/** parse reads a CSV into one array of cells a row, the header left out. */
function parse(csv) {
  const rows = [];
  let row = [];
  for (const [, quoted, plain, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^,"\n]*))(,|\n|$)/g)) {
    if (row.length === 0 && end === '' && !plain && quoted === undefined) break;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end !== ',') { rows.push(row); row = []; }
  }
  return rows.slice(1);
}

/** read fetches a CSV. */
async function read(request, address) {
  const answer = await request.get(address);
  expect(answer.headers()['content-type'], address).toContain('text/csv');
  return parse(await answer.text());
}

/** tableOf returns the cells of a table, one array a row. */
const tableOf = (table) => table.evaluate((t) => [...t.tBodies[0].rows].map((r) => [...r.cells].map((c) => c.textContent.trim())));

/** datings are the ways in which a table writes the time of a point. */
function datings(t) {
  if (!t.includes('-')) return [t]; // days since disclosure
  return [t, t.slice(0, 7), `${t.slice(0, 4)}-Q${Math.ceil(Number(t.slice(5, 7)) / 3)}`, t.slice(0, 4)];
}

/** rowsOf finds the rows of a table that show a point of a chart: those of its time, of its
 * series where the table has one row for each, and of its letter where it has one for each threat. */
function rowsOf(table, slug, [series, t]) {
  if (slug === 'threats') return table.filter(([name]) => name.split(' ')[0] === series.split(' ')[0]);
  const dated = datings(t);
  const at = table.filter((row) => dated.includes(row[0]) || dated.includes(row[1]));
  const own = at.filter(([name]) => name === series);
  return own.length > 0 ? own : at;
}

/** shows reports whether one of the numbers in a row is v or n, to the decimals that it has. */
function shows(row, [, , v, n]) {
  const numbers = row.flatMap((cell) => cell.match(/[-+−]?\d[\d,]*(\.\d+)?/g) ?? []).map((s) => s.replaceAll(',', '').replace('−', '-'));
  return numbers.some((s) => {
    const decimals = s.includes('.') ? s.split('.')[1].length : 0;
    return [v, n].some((x) => x !== '' && Math.abs(Number(x) - Number(s)) <= 0.5000001 * 10 ** -decimals);
  });
}

for (const { name: source, url, pages } of servers) {
  test(`${source}: the table of a chart shows every row of its CSV, and no other`, async ({ browser, request }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    for (const path of pages.charts) {
      const slug = path.match(/chart\/([a-z-]+)/)[1];
      const csv = await read(request, url + file(path, 'csv'));
      await page.goto(url + path);
      const tables = page.locator('figure.fig table');
      if ((await tables.count()) === 0) {
        expect.soft(csv.filter(([, , v]) => v !== ''), `${path} has values and no table`).toEqual([]);
        await expect.soft(page.locator('figure.fig .state'), path).toBeVisible();
        continue;
      }
      const table = await tableOf(tables.first());
      const met = new Set();
      const missing = csv.filter((point) => {
        const rows = rowsOf(table, slug, point);
        rows.forEach((r) => met.add(r));
        return point[2] === '' ? false : !rows.some((r) => shows(r, point));
      });
      // A table that would be longer than a page says how much of it is shown.
      const whole = (await page.locator('figure.fig .scroll > p').count()) === 0;
      if (whole) expect.soft(missing.slice(0, 3), `${path}: ${missing.length} of ${csv.length} rows of the CSV are not in the table`).toEqual([]);
      expect.soft(table.filter((r) => !met.has(r)).slice(0, 3), `${path}: rows of the table that the CSV does not have`).toEqual([]);
    }
    await context.close();
  });

  test(`${source}: the tables beside the figures of a page show rows of their CSV`, async ({ browser, request }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    for (const path of Object.values(pages.types)) {
      await page.goto(url + path);
      for (const figure of await page.locator('figure.fig:has(a[href*=".csv"]):has(table)').all()) {
        const address = await figure.locator('.links a[href*=".csv"]').first().getAttribute('href');
        const slug = address.match(/chart\/([a-z-]+)/)?.[1];
        if (!slug) continue;
        const csv = await read(request, url + address);
        const table = await tableOf(figure.locator('table').first());
        const met = new Set(csv.flatMap((point) => rowsOf(table, slug, point).filter((r) => shows(r, point) || point[2] === '')));
        expect.soft(table.filter((r) => !met.has(r)).slice(0, 3), `${path}, ${address}: rows of the table that the CSV does not have`).toEqual([]);
      }
    }
    await context.close();
  });

  test(`${source}: a list and its CSV have the same rows in the same order`, async ({ page, request }) => {
    test.setTimeout(120_000);
    const { project } = pages.types;
    for (const path of ['/projects', `/projects?q=${project.slice(3, 6)}`, '/projects?cohort=top100&sort=aggregate', '/projects?page=2',
      '/advisories', '/advisories?severity=high', '/advisories?kev=yes', '/advisories?cohort=top1000&fixed=no&page=2', '/malware']) {
      await page.goto(url + path);
      const list = path.match(/^\/[a-z]+/)[0];
      const link = page.locator(`main a[href^="${list}.csv"]`).first();
      const pager = page.locator('.pager span').first();
      const [from, , of] = (await pager.count()) > 0 ? (await pager.textContent()).match(/([\d,]+)(?:[^\d]+([\d,]+))? of ([\d,]+)/).slice(1).map((s) => Number(s?.replaceAll(',', ''))) : [1];
      const addresses = await page.locator(`main table:last-of-type tbody tr a[href^="${list === '/projects' ? '/p/' : '/advisories/'}"]`).evaluateAll((all) => [...new Set(all.map((a) => decodeURIComponent(a.getAttribute('href')).split('/').pop()))]);
      if (addresses.length === 0) {
        expect.soft(await page.locator('main .state').count(), `${path}: neither rows nor a reason`).toBeGreaterThan(0);
        continue;
      }
      const csv = await read(request, url + await link.getAttribute('href'));
      expect.soft(csv.length, path).toBe(of ?? addresses.length);
      expect.soft(csv.slice(from - 1, from - 1 + addresses.length).map(([id]) => id), path).toEqual(addresses);
    }
  });
}

const { url, pages } = simulated;

test('a chart, its CSV and its JSON hold the same numbers', async ({ request }) => {
  for (const path of pages.charts) {
    const csv = await read(request, url + file(path, 'csv'));
    const json = await (await request.get(url + file(path, 'json'))).json();
    const points = json.series.flatMap((s) => s.points.map((p) => [s.name, String(p.t).slice(0, 10), p.v]));
    expect.soft(csv.map(([series, t, v]) => [series, t.slice(0, 10), v === '' ? null : Number(v)]), path).toEqual(points);
  }
});

test('every chart is there as a drawing that stands alone', async ({ request }) => {
  for (const path of pages.charts) {
    for (const theme of ['light', 'dark']) {
      const answer = await request.get(`${url}${file(path, 'svg')}${path.includes('?') ? '&' : '?'}theme=${theme}`);
      expect.soft(answer.headers()['content-type'], path).toContain('image/svg+xml');
      expect.soft((await answer.text()).match(/var\(|<script|<a /), path).toBeNull();
    }
  }
});

// Prints what Lighthouse says of the speed of every kind of page, on a phone, from the
// simulated ecosystem, and of the overview's charts made with a library: part of make
// bench. It never fails on a number.
import { chromium } from '@playwright/test';
import lighthouse from 'lighthouse';
import { beside } from './beside.mjs';
import config from './playwright.config.mjs';
import { pagesOf } from './pages.mjs';
import { launch, running } from './setup.mjs';
import { stop } from './teardown.mjs';

const port = 9334;
const { server, ready } = running()[0] ?? await launch('performance', 'simulated:5000', { flags: ['--track=400'] });
let browser;
let other;
try {
  await ready();
  const { types } = await pagesOf(server.url);
  const { launchOptions } = config.use;
  browser = await chromium.launch({ ...launchOptions, args: [...launchOptions.args, `--remote-debugging-port=${port}`] });
  other = await beside(server.url);
  const addresses = Object.entries(types).map(([name, path]) => [name, server.url + path]);
  console.log('page           score   LCP s   TBT ms     CLS   KiB  requests');
  for (const [name, address] of [...addresses, ['with Plotly', other.url]]) {
    const { lhr } = await lighthouse(address, { port, output: 'json', logLevel: 'error', onlyCategories: ['performance'] });
    // A page that is never done with its script has no blocking time.
    const of = (id, digits, unit = 1) => lhr.audits[id].numericValue === undefined ? 'none' : (lhr.audits[id].numericValue / unit).toFixed(digits);
    const score = lhr.categories.performance.score;
    console.log([
      name.padEnd(14), (score === null ? 'none' : String(Math.round(score * 100))).padStart(5), of('largest-contentful-paint', 2, 1000).padStart(7),
      of('total-blocking-time', 0).padStart(8), of('cumulative-layout-shift', 3).padStart(7), of('total-byte-weight', 0, 1024).padStart(5),
      String(lhr.audits['network-requests'].details.items.length).padStart(9),
    ].join(' '));
  }
} finally {
  other?.close();
  await browser?.close();
  if (server.pid) await stop(server);
}

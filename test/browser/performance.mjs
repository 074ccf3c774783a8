// Prints what Lighthouse says of the speed of every kind of page, on a phone, from the
// simulated ecosystem: part of make bench. It never fails on a number.
import { chromium } from '@playwright/test';
import lighthouse from 'lighthouse';
import config from './playwright.config.mjs';
import { pagesOf } from './pages.mjs';
import { launch } from './setup.mjs';
import { stop } from './teardown.mjs';

const port = 9334;
const { server, ready } = await launch('performance', 'simulated:5000', { flags: ['--track=400'] });
let browser;
try {
  await ready();
  const { types } = await pagesOf(server.url);
  const { launchOptions } = config.use;
  browser = await chromium.launch({ ...launchOptions, args: [...launchOptions.args, `--remote-debugging-port=${port}`] });
  console.log('page           score   LCP s   TBT ms     CLS   KiB');
  for (const [name, path] of Object.entries(types)) {
    const { lhr } = await lighthouse(server.url + path, { port, output: 'json', logLevel: 'error', onlyCategories: ['performance'] });
    const of = (id) => lhr.audits[id].numericValue;
    console.log([
      name.padEnd(14), String(Math.round(lhr.categories.performance.score * 100)).padStart(5), (of('largest-contentful-paint') / 1000).toFixed(2).padStart(7),
      of('total-blocking-time').toFixed(0).padStart(8), of('cumulative-layout-shift').toFixed(3).padStart(7), (of('total-byte-weight') / 1024).toFixed(0).padStart(5),
    ].join(' '));
  }
} finally {
  await browser?.close();
  await stop(server);
}

// Takes the pictures of the README from the recorded sources: make screenshots.
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from '@playwright/test';
import config from './playwright.config.mjs';
import { launch, mirror } from './setup.mjs';
import { stop } from './teardown.mjs';

const to = resolve(import.meta.dirname, '../../docs/screenshots');
const pictures = [
  { name: 'overview', path: '/', height: 1500 },
  { name: 'project', path: '/p/urllib3', height: 1500 },
  { name: 'advisories', path: '/advisories?cohort=top1000&kev=yes', height: 900 },
  { name: 'threats', path: '/threats', height: 1100 },
  { name: 'check-dark', path: '/checks/Token-Permissions', height: 1100, scheme: 'dark' },
  { name: 'overview-phone', path: '/', width: 390, height: 1500 },
];

if (!existsSync(mirror)) throw new Error(`The pictures are taken from the recorded sources, and there are none at ${mirror}.`);
const { server, ready } = await launch('screenshots', `mirror:${mirror}`, { mayFail: true });
const browser = await chromium.launch(config.use.launchOptions);
try {
  await ready();
  mkdirSync(to, { recursive: true });
  for (const { name, path, width = 1280, height, scheme = 'light' } of pictures) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
    const page = await context.newPage();
    const answer = await page.goto(server.url + path);
    if (!answer.ok()) throw new Error(`${path} answered ${answer.status()}`);
    await page.screenshot({ path: join(to, `${name}.png`) });
    await context.close();
  }
} finally {
  await browser.close();
  await stop(server);
}

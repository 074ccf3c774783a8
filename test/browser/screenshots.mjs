// Takes the pictures of the README from the recorded sources: make screenshots.
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from '@playwright/test';
import config from './playwright.config.mjs';
import { launch, mirror, running } from './setup.mjs';
import { stop } from './teardown.mjs';

const to = resolve(import.meta.dirname, '../../docs/screenshots');
const pictures = [
  { name: 'overview', path: '/', height: 1100 },
  { name: 'project', path: '/p/urllib3', height: 1100 },
  { name: 'threats', path: '/threats', height: 1060 },
  { name: 'check', path: '/checks/Token-Permissions', height: 1280 },
  { name: 'overview-phone-dark', path: '/', width: 390, height: 1240, scheme: 'dark' },
];

const most = 250 * 1024; // bytes of a picture

if (!existsSync(mirror)) throw new Error(`The pictures are taken from the recorded sources, and there are none at ${mirror}.`);
const { server, ready } = running().find(({ server: { name } }) => name === 'mirror') ?? await launch('screenshots', `mirror:${mirror}`, { mayFail: true });
const browser = await chromium.launch(config.use.launchOptions);
try {
  await ready();
  mkdirSync(to, { recursive: true });
  for (const { name, path, width = 1280, height, scheme = 'light' } of pictures) {
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
    const page = await context.newPage();
    const answer = await page.goto(server.url + path);
    if (!answer.ok()) throw new Error(`${path} answered ${answer.status()}`);
    const file = join(to, `${name}.png`);
    await page.screenshot({ path: file });
    const { size } = statSync(file);
    console.log(`${file}: ${(size / 1024).toFixed(0)} KB`);
    if (size > most) throw new Error(`${file} has ${size} bytes, more than ${most}`);
    await context.close();
  }
} finally {
  await browser.close();
  if (server.pid) await stop(server);
}

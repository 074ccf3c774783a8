import { defineConfig } from '@playwright/test';

// Chromium comes from Debian. As root it refuses to start inside its own sandbox; the other
// flags keep it from asking any host but ours.
const flags = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];

export default defineConfig({
  testDir: '.',
  outputDir: 'test-results',
  fullyParallel: true, // the servers are only read
  workers: 3, // on two cores: a browser waits a third of its time
  retries: 0,
  forbidOnly: true,
  timeout: 120_000, // a tenth of it on an idle machine
  reporter: [['list']],
  globalSetup: './setup.mjs',
  globalTeardown: './teardown.mjs',
  use: {
    headless: true,
    actionTimeout: 10_000,
    screenshot: { mode: 'only-on-failure', fullPage: true }, // kept in test-results
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags },
  },
});

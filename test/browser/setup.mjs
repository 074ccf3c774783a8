// Starts Pyrometer on the simulated ecosystem, and on the recorded sources when they are there,
// waits until their first collections are done, and leaves their addresses, process ids and pages
// in a file for the tests and the teardown. SITES='simulated=http://… mirror=http://…' tests
// servers that run already.
import { execFile, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, openSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { pagesOf } from './pages.mjs';

const run = promisify(execFile);
export const binary = resolve(import.meta.dirname, '../../bin/pyrometer');
export const mirror = resolve(import.meta.dirname, '../../../shared/mirror');
export const results = resolve(import.meta.dirname, 'test-results');
export const stateFile = join(results, 'servers.json');

async function freePort() {
  return new Promise((ok, fail) => {
    const server = createServer();
    server.on('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => ok(port));
    });
  });
}

// scratch is where servers keep their data: in memory where there is room for it,
// because a first collection waits for the disk most of its time.
function scratch() {
  const memory = '/dev/shm';
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > 4 * 2 ** 30 ? memory : tmpdir();
}

// launch starts one server. Failing sources are expected of recorded ones: not every
// source was recorded.
export async function launch(name, upstream, { mayFail = false, within = 300_000, flags = [] } = {}) {
  const data = mkdtempSync(join(scratch(), `pyrometer-browser-${name}-`));
  const address = `127.0.0.1:${await freePort()}`;
  const logFile = join(data, 'up.log');
  const log = openSync(logFile, 'w');
  const child = spawn(binary, ['up', '--demo=off', `--upstream=${upstream}`, `--data=${data}`, `--listen=${address}`, `--base-url=http://${address}`, ...flags],
    { stdio: ['ignore', log, log] });
  let ended = null;
  child.on('exit', (code, signal) => { ended = `pyrometer on ${upstream} ended early (${code ?? signal}); its log is ${logFile}`; });
  const server = { name, url: `http://${address}`, pid: child.pid, data };
  const ready = async () => {
    const deadline = Date.now() + within;
    for (;;) {
      if (ended) throw new Error(ended);
      if (Date.now() > deadline) throw new Error(`the first collection from ${upstream} did not finish within ${within / 1000} s; the log is ${logFile}`);
      try {
        // Only once it is ready: status would otherwise start an engine of its own on the directory.
        const answer = await fetch(`http://${address}/readyz`);
        if (!answer.ok) throw new Error('not ready');
        const { stdout } = await run(binary, ['status', '--json', `--data=${data}`]);
        const { sources, running } = JSON.parse(stdout);
        const failed = sources.find((s) => s.state === 'failed');
        if (failed && !mayFail) throw new Error(`source ${failed.source} failed: ${failed.error}`);
        const open = sources.filter((s) => !['ok', 'partial', 'failed'].includes(s.state));
        if (open.length === 0 && running.length === 0) break;
      } catch (err) {
        if (/^source /.test(err.message)) throw err; // anything else: the engine is still starting
      }
      await new Promise((again) => setTimeout(again, 500));
    }
    child.removeAllListeners('exit');
    child.unref();
  };
  return { server, ready };
}

// running reads the servers that SITES names.
export function running() {
  return (process.env.SITES ?? '').split(' ').filter(Boolean).map((site) => {
    const [name, url] = site.split(/=(.*)/);
    return { server: { name, url }, ready: async () => {} };
  });
}

export default async function setup() {
  mkdirSync(results, { recursive: true });
  const began = Date.now();
  const started = running();
  if (started.length === 0) {
    started.push(await launch('simulated', 'simulated:5000', { flags: ['--track=400'] }));
    if (existsSync(mirror)) started.push(await launch('mirror', `mirror:${mirror}`, { mayFail: true }));
    else console.log(`NOT RUN: every test over recorded sources, for there are none at ${mirror}; the pages are tested on the simulated ecosystem alone.`);
  }
  const servers = started.map(({ server }) => server);
  writeFileSync(stateFile, JSON.stringify(servers)); // the teardown ends them even when a collection fails
  await Promise.all(started.map(async ({ server, ready }) => {
    await ready();
    console.log(`${server.name}: the first collection was done after ${((Date.now() - began) / 1000).toFixed(0)} s`);
    server.pages = await pagesOf(server.url);
  }));
  writeFileSync(stateFile, JSON.stringify(servers));
}

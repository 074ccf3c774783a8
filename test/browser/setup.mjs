// Starts Pyrometer on the simulated ecosystem, waits until its first collection is done, and
// leaves its address and process id in a file for the tests and the teardown.
import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
export const binary = resolve(import.meta.dirname, '../../bin/pyrometer');
export const stateFile = resolve(import.meta.dirname, 'test-results', 'server.json');

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

export default async function setup() {
  const data = mkdtempSync(join(tmpdir(), 'pyrometer-browser-'));
  const address = `127.0.0.1:${await freePort()}`;
  const log = openSync(join(data, 'up.log'), 'w');
  const child = spawn(binary, ['up', '--demo=off', '--upstream=simulated:1000', '--track=300', `--data=${data}`, `--listen=${address}`],
    { stdio: ['ignore', log, log] });
  mkdirSync(resolve(import.meta.dirname, 'test-results'), { recursive: true });
  writeFileSync(stateFile, JSON.stringify({ url: `http://${address}`, pid: child.pid, data }));

  let ended = null;
  child.on('exit', (code, signal) => { ended = `pyrometer ended early (${code ?? signal}); its log is ${join(data, 'up.log')}`; });
  const deadline = Date.now() + 180_000;
  for (;;) {
    if (ended) throw new Error(ended);
    if (Date.now() > deadline) throw new Error(`the first collection did not finish within 180 s; the log is ${join(data, 'up.log')}`);
    try {
      // Only once it is ready: status would otherwise start an engine of its own on the directory.
      const ready = await fetch(`http://${address}/readyz`);
      if (!ready.ok) throw new Error('not ready');
      const { stdout } = await run(binary, ['status', '--json', `--data=${data}`]);
      const { sources, running } = JSON.parse(stdout);
      const open = sources.filter((s) => !['ok', 'partial'].includes(s.state));
      const failed = sources.find((s) => s.state === 'failed');
      if (failed) throw new Error(`source ${failed.source} failed: ${failed.error}`);
      if (open.length === 0 && running.length === 0) break;
    } catch (err) {
      if (/^source /.test(err.message)) throw err; // anything else: the engine is still starting
    }
    await new Promise((again) => setTimeout(again, 500));
  }
  child.removeAllListeners('exit');
  child.unref();
}

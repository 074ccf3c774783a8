import { readFileSync, rmSync } from 'node:fs';
import { stateFile } from './setup.mjs';

// stop ends a server that setup started, by its process id, and waits until it is gone.
export async function stop({ pid, data }) {
  try { process.kill(pid, 'SIGTERM'); } catch { return; } // it ended by itself, and setup has said so
  const deadline = Date.now() + 10_000;
  for (;;) {
    try { process.kill(pid, 0); } catch { break; }
    if (Date.now() > deadline) { process.kill(pid, 'SIGKILL'); throw new Error('pyrometer did not stop within 10 s'); }
    await new Promise((again) => setTimeout(again, 100));
  }
  rmSync(data, { recursive: true, force: true });
}

export default async function teardown() {
  for (const server of JSON.parse(readFileSync(stateFile, 'utf8'))) {
    if (server.pid) await stop(server); // others were running before
  }
}

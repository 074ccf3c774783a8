// The charts of the overview as a page would have them that leaves drawing to a library:
// Plotly's minified build, the data of the same charts within the page, everything
// compressed, nothing else. It is what our page is weighed and timed beside.
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const slugs = ['coverage', 'score-distribution', 'check-rates', 'advisories-by-month', 'attestations'];

// draw runs in the page.
const draw = `for (const { slug, series } of JSON.parse(document.getElementById('data').textContent)) {
  const xs = series[0].points.map((p) => p.t);
  const values = (s) => s.points.map((p) => p.v);
  const of = {
    'check-rates': () => [{ type: 'heatmap', x: xs, y: series.map((s) => s.name), z: series.map(values) }],
    'advisories-by-month': () => series.map((s) => ({ type: 'bar', name: s.name, x: xs, y: values(s) })),
    'attestations': () => series.map((s) => ({ type: 'scatter', stackgroup: 'one', name: s.name, x: xs, y: values(s) })),
  }[slug] ?? (() => series.map((s) => ({ type: 'scatter', mode: 'lines', name: s.name, x: s.points.map((p) => p.t), y: values(s) })));
  Plotly.newPlot(slug, of(), { barmode: 'stack', title: { text: slug } }, { responsive: true });
}`;

/** beside serves that page with the data of a server, until close is called. */
export async function beside(url) {
  const charts = [];
  for (const slug of slugs) {
    const answer = await fetch(`${url}/chart/${slug}.json`);
    if (!answer.ok) throw new Error(`${slug}: status ${answer.status}`);
    const { series } = await answer.json();
    charts.push({ slug, series: series.map(({ name, points }) => ({ name, points: points.map(({ t, v }) => ({ t, v })) })) });
  }
  const html = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="The same charts by a library."><title>The same charts</title>
<style>main > div { height: 400px }</style><main>${slugs.map((slug) => `<div id="${slug}"></div>`).join('')}</main>
<script type="application/json" id="data">${JSON.stringify(charts).replaceAll('<', '\\u003c')}</script><script src="/plotly.js"></script><script>${draw}</script></html>`;
  const library = readFileSync(fileURLToPath(import.meta.resolve('plotly.js-dist-min/plotly.min.js')));
  const files = {
    '/': ['text/html; charset=utf-8', gzipSync(html)],
    '/plotly.js': ['text/javascript', gzipSync(library)],
  };
  const server = createServer((request, answer) => {
    const [type, body] = files[request.url] ?? [];
    if (!body) return answer.writeHead(404).end();
    answer.writeHead(200, { 'Content-Type': type, 'Content-Encoding': 'gzip', 'Content-Length': body.length }).end(body);
  });
  await new Promise((ok) => server.listen(0, '127.0.0.1', ok));
  return { url: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() };
}

// What the tests know of the site: its servers and one address of every kind of page.
import { readFileSync } from 'node:fs';
import { stateFile } from './setup.mjs';

export const servers = JSON.parse(readFileSync(stateFile, 'utf8'));
export const simulated = servers.find((s) => s.name === 'simulated');

const found = async (url, path, pattern) => {
  const html = await (await fetch(url + path)).text();
  const match = html.match(pattern);
  if (!match) throw new Error(`${path} has no ${pattern}`);
  return match[1].replaceAll('&amp;', '&');
};

/** firstProject reads the most downloaded project from the public list, so no name is written here. */
export const firstProject = (url) => found(url, '/projects', /href="(\/p\/[^"]+)"/);

/** charts lists the pages of all charts that stand by themselves. */
export async function charts(url) {
  const html = await (await fetch(`${url}/data`)).text();
  return [...new Set([...html.matchAll(/href="(\/chart\/[a-z-]+)"/g)].map((m) => m[1]))];
}

/** pageTypes is one address of every kind of page that is found, by its name. */
export async function pageTypes(url) {
  const project = await firstProject(url);
  const name = project.slice('/p/'.length);
  return {
    overview: '/', projects: '/projects', project, checks: '/checks',
    check: await found(url, '/checks', /href="(\/checks\/[A-Z][^"?#]+)"/),
    compare: `/compare?p=${name}&p=${(await found(url, '/projects?page=2', /href="\/p\/([^"]+)"/))}`,
    advisories: '/advisories', advisory: await found(url, '/advisories', /href="(\/advisories\/[^"?#]+)"/),
    malware: '/malware', threats: '/threats', adoption: '/adoption', releases: '/releases', cpython: '/cpython',
    changes: '/changes', data: '/data', status: '/status', methods: '/methods', search: `/search?q=${name.slice(0, 4)}`,
    chart: '/chart/score-distribution',
  };
}

/** errorPages are pages that say what is wrong. */
export const errorPages = { 'not-found': '/p/no-such-project-here', 'no-advisory': '/advisories/CVE-1999-0000', refused: '/?cohort=top10', nowhere: '/no/such/page' };

// The addresses that the tests visit: one of every kind of page, found on the site itself, so that
// no name of a project is written here.
const text = async (url) => (await fetch(url)).text();

const found = async (url, path, pattern) => {
  const match = (await text(url + path)).match(pattern);
  if (!match) throw new Error(`${url}${path} has no ${pattern}`);
  return match[1].replaceAll('&amp;', '&');
};

/** pagesOf lists kinds of pages, pages that say what is wrong with their status, and charts. */
export async function pagesOf(url) {
  const project = await found(url, '/projects', /href="(\/p\/[^"]+)"/);
  const name = project.slice('/p/'.length);
  const other = await found(url, '/projects?page=2', /href="\/p\/([^"]+)"/);
  const check = await found(url, '/checks', /href="(\/checks\/[A-Z][^"?#]+)"/);
  const named = check.slice('/checks/'.length);
  const listed = [...(await text(`${url}/data`)).matchAll(/href="(\/chart\/[a-z-]+)"/g)].map((m) => m[1]);
  const types = {
    overview: '/', projects: '/projects', project, checks: '/checks', check, compare: `/compare?p=${name}&p=${other}`,
    advisories: '/advisories', advisory: await found(url, '/advisories', /href="(\/advisories\/[^"?#]+)"/),
    malware: '/malware', changes: '/changes', threats: '/threats', adoption: '/adoption', releases: '/releases', cpython: '/cpython',
    data: '/data', status: '/status', methods: '/methods', search: `/search?q=${name.slice(0, 4)}`, chart: '/chart/score-distribution',
  };
  return {
    types,
    charts: [...new Set([
      ...listed, `/chart/project-score?project=${name}`, `/chart/compare?p=${name}&p=${other}`,
      `/chart/check-rate?check=${named}`, `/chart/check-scores?check=${named}`, `/chart/check-bands?check=${named}`,
    ])],
    errors: { '/p/no-such-project-here': 404, '/advisories/CVE-1999-0000': 404, '/no/such/page': 404, '/?cohort=top10': 400 },
  };
}

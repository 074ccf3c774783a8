// swap asks for a page of this site and puts its <main> in place of ours. The
// old one stays until the new one is there. It returns false when the answer is
// not a page, so that the browser can go there itself.
async function swap(url, signal) {
  const answer = await fetch(url, { signal, headers: { Accept: "text/html" } });
  if (!answer.ok && answer.status !== 503) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const next = page.getElementById("main");
  if (!next) return false;
  document.title = page.title;
  document.getElementById("main").replaceWith(document.adoptNode(next));
  return true;
}

let running; // the request of the last change; a newer one ends it
let shown = location.search; // the filters of what is on the page

// filters submits a form of filters when one of its selects changes, and keeps
// the focus where it was. The button stays for dates, and for all without script.
export function filters(after) {
  document.addEventListener("change", async (e) => {
    const form = e.target.closest("form.filter");
    if (!form || e.target.tagName !== "SELECT") return;
    const url = new URL(form.action);
    for (const [name, value] of new FormData(form)) if (value) url.searchParams.set(name, value);
    running?.abort();
    running = new AbortController();
    const { signal } = running;
    const name = e.target.name;
    try {
      if (!(await swap(url, signal))) return form.requestSubmit();
    } catch {
      if (!signal.aborted) form.requestSubmit();
      return;
    }
    history.pushState(null, "", url);
    shown = location.search;
    after();
    document.querySelector(`form.filter [name="${CSS.escape(name)}"]`)?.focus();
  });
  // Back and forward between filters; a step to an anchor changes nothing.
  addEventListener("popstate", () => location.search === shown || location.reload());
}

// refresh asks again for a page that says it is still loading.
export function refresh(after) {
  const seconds = Number(document.getElementById("main").dataset.refresh);
  if (!(seconds > 0)) return;
  setTimeout(async () => {
    try {
      if (await swap(location.href)) after();
    } catch {
      // The server is away for a moment; the next turn asks again.
    }
    refresh(after);
  }, seconds * 1000);
}

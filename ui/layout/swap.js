// What changes the page without loading all of it: filters, Back and Forward
// between them, and pages that are still loading. The address is the only state,
// and whatever goes wrong, the browser itself goes there.

let running; // the request of the last change; a newer one ends it
let shown = location.search; // the filters of what is on the page
let status; // says to screen readers what came

// swap asks for a page of this site and puts its <main> and foot in place of
// ours. The old ones stay until the new ones are there. It returns the address by
// which the new page calls itself, or nothing when the answer is not this page in
// another state.
async function swap(url, signal) {
  const answer = await fetch(url, { signal, headers: { Accept: "text/html" } });
  if (answer.redirected || (!answer.ok && answer.status !== 503)) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const main = page.getElementById("main");
  if (!main) return;
  const { name, form } = document.activeElement;
  document.title = page.title;
  document.getElementById("main").replaceWith(document.adoptNode(main));
  const foot = page.querySelector("body > footer");
  if (foot) document.querySelector("body > footer")?.replaceWith(document.adoptNode(foot));
  if (name && form?.matches("form.filter")) document.querySelector(`form.filter [name="${CSS.escape(name)}"]`)?.focus({ preventScroll: true });
  return main.dataset.url || url;
}

// go shows this page in the state of url; move notes it in the history.
async function go(url, after, move) {
  running?.abort();
  running = new AbortController();
  const { signal } = running;
  document.getElementById("main").setAttribute("aria-busy", "true");
  try {
    const address = await swap(url, signal);
    if (!address) return location.assign(url);
    // What is chosen by the keys and then sent is one step, not two.
    if (move && new URL(address, location.href).href !== location.href) history.pushState(null, "", address);
  } catch {
    if (!signal.aborted) location.assign(url);
    return;
  }
  shown = location.search;
  after();
  status.textContent = `Updated: ${document.querySelector("h1")?.textContent ?? document.title}`;
}

// filters applies a form of filters when one of its choices changes, and when it
// is sent. Without script its button does.
export function filters(after) {
  status = document.createElement("p");
  status.className = "vh";
  status.setAttribute("role", "status");
  document.querySelector(".top").append(status);

  const apply = (form, e) => {
    const url = new URL(form.action);
    if (url.pathname !== location.pathname) return;
    e.preventDefault();
    url.search = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    go(url, after, true);
  };
  document.addEventListener("change", (e) => {
    if (e.target.matches("form.filter :is(select, [type=checkbox], [type=number], [type=date])")) apply(e.target.form, e);
  });
  document.addEventListener("submit", (e) => {
    if (e.target.matches("form.filter")) apply(e.target, e);
  });
  // A step to an anchor changes nothing; the browser brings back the place.
  addEventListener("popstate", () => location.search === shown || go(location.href, after, false));
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

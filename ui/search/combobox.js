// The search field of the head as a combobox with a list: what the server finds
// for the text so far. Without script the form alone leads to the same page.
const pause = 120; // ms without a key before the server is asked

// search makes the field a combobox, and lets "/" lead to it from outside of a
// field. Firefox has its own use for that key and is left alone.
export function search() {
  const form = document.querySelector("form.find");
  const field = form.elements.q;
  const list = form.appendChild(document.createElement("ul"));
  const status = form.appendChild(document.createElement("span"));
  let hits = [];
  let active = -1;
  let timer;
  let asked; // the request under way

  list.id = "hits";
  list.hidden = true;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Hits");
  status.className = "vh";
  status.setAttribute("role", "status");
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-expanded", "false"], ["aria-controls", "hits"]]) field.setAttribute(name, value);

  // stop forgets what was to come, so that no answer opens a list that was closed.
  const stop = () => {
    clearTimeout(timer);
    asked?.abort();
  };
  const choose = (n) => {
    active = n;
    hits.forEach((hit, i) => hit.setAttribute("aria-selected", i === n));
    if (n < 0) field.removeAttribute("aria-activedescendant");
    else field.setAttribute("aria-activedescendant", hits[n].id);
  };
  const show = (found) => {
    hits = found.map(({ text, note, href }, i) => {
      const hit = document.createElement("li");
      hit.id = `hit-${i}`;
      hit.setAttribute("role", "option");
      hit.dataset.href = href;
      hit.append(text);
      hit.appendChild(document.createElement("span")).textContent = note;
      return hit;
    });
    list.replaceChildren(...hits);
    list.hidden = !hits.length;
    field.setAttribute("aria-expanded", String(!list.hidden));
    choose(-1);
  };
  const close = () => {
    stop();
    show([]);
    status.textContent = "";
  };
  const ask = async () => {
    const text = field.value.trim();
    if (!text) return close();
    asked = new AbortController();
    try {
      const answer = await fetch(`/api/v1/search?q=${encodeURIComponent(text)}`, { signal: asked.signal });
      if (!answer.ok) return close();
      const { hits: found } = await answer.json();
      show(found);
      status.textContent = found.length === 0 ? "Nothing found." : found.length === 1 ? "1 hit." : `${found.length} hits.`;
    } catch (e) {
      if (e.name !== "AbortError") close(); // the form still works
    }
  };

  field.addEventListener("input", () => {
    stop();
    timer = setTimeout(ask, pause);
  });
  field.addEventListener("keydown", (e) => {
    if (e.isComposing || e.ctrlKey || e.metaKey) return;
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      const move = () => {
        const places = hits.length + 1; // the last one is the field itself
        choose(((active + 1 + (e.key === "ArrowDown" ? 1 : -1) + places) % places) - 1);
      };
      if (!list.hidden) return move();
      stop();
      ask().then(move);
    } else if (e.key === "Enter" && active >= 0) {
      e.preventDefault();
      location.assign(hits[active].dataset.href);
    } else if (e.key === "Escape" && !list.hidden) {
      e.preventDefault(); // the text stays; a second Escape clears it
      close();
    }
  });
  field.addEventListener("blur", close);
  form.addEventListener("submit", stop);
  list.addEventListener("mousedown", (e) => e.preventDefault()); // the focus stays in the field
  list.addEventListener("click", (e) => {
    const hit = e.target.closest("[data-href]");
    if (hit) location.assign(hit.dataset.href);
  });

  if (navigator.userAgent.includes("Firefox/")) return;
  field.setAttribute("aria-keyshortcuts", "/");
  document.addEventListener("keydown", (e) => {
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || e.target.closest?.("input, select, textarea, [contenteditable]")) return;
    e.preventDefault();
    field.focus();
    field.select();
  });
}

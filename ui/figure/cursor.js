// Charts are read with the pointer or with the keys: arrows for points, Home and
// End. The values come from the figure's data attributes.
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

function dateText(day, by) {
  const d = new Date(day * 86400000);
  const month = `${months[d.getUTCMonth()]} ${d.getUTCFullYear()}`;
  if (by === "year") return String(d.getUTCFullYear());
  if (by === "month") return month;
  return `${by === "week" ? "Week of " : ""}${d.getUTCDate()} ${month}`;
}

function valueText(v, unit) {
  if (v === undefined || v === "-") return "no value";
  return v[0] === "~" ? `${v.slice(1)}${unit}, suspect and left out` : v + unit;
}

// read parses the data attributes of a plot.
function read({ t, v, n, unit = "", by }) {
  let day = 0;
  const days = t.split(" ").map((d) => (day += Number(d)));
  const columns = v.split("|").map((c) => c.split(" "));
  const names = n.split("|");
  const text = (i) =>
    `${dateText(days[i], by)}: ` + names.map((name, s) => `${name} ${valueText(columns[s][i], unit)}`).join(" · ");
  return { days, text };
}

// geometry says where point i stands in a drawing, in its own units; undefined
// when it lies outside.
function geometry(svg, days) {
  const [x0, x1, bottom, top] = svg.dataset.plot.split(" ").map(Number);
  let at, first = 0, last = days.length - 1;
  if (svg.dataset.slots) {
    const [start, count] = svg.dataset.slots.split(" ").map(Number);
    first = start;
    last = start + count - 1;
    at = (i) => x0 + ((i - start + 0.5) / count) * (x1 - x0);
  } else {
    const [from, to] = svg.dataset.span.split(" ").map(Number);
    while (first < last && days[first] < from) first++;
    while (last > first && days[last] > to) last--;
    at = (i) => x0 + ((days[i] - from) / (to - from)) * (x1 - x0);
  }
  return { at, first, last, bottom, top };
}

function enhance(plot) {
  const { days, text } = read(plot.dataset);
  const out = plot.parentElement.querySelector(".read");
  let current = -1;
  let said;

  const visible = () => [...plot.querySelectorAll("svg[data-plot]")].find((s) => s.getClientRects().length);

  function show(i, quiet) {
    const svg = visible();
    if (!svg) return;
    const g = geometry(svg, days);
    current = Math.max(g.first, Math.min(i, g.last));
    let line = svg.querySelector(".cur");
    if (!line) {
      line = document.createElementNS("http://www.w3.org/2000/svg", "path");
      line.setAttribute("class", "cur");
      svg.append(line);
    }
    const x = g.at(current).toFixed(1);
    line.setAttribute("d", `M${x} ${g.top}V${g.bottom}`);
    clearTimeout(said);
    // Announcements wait until the keys or the pointer rest.
    said = setTimeout(() => (out.textContent = text(current)), quiet ? 0 : 80);
  }

  function hide() {
    clearTimeout(said);
    plot.querySelectorAll(".cur").forEach((line) => line.remove());
    out.textContent = "";
  }

  plot.tabIndex = 0;
  plot.setAttribute("role", "group");
  plot.setAttribute("aria-label", "Values by date: left and right arrow, Home, End");
  plot.addEventListener("keydown", (e) => {
    const svg = visible();
    if (!svg || e.ctrlKey || e.metaKey || e.altKey) return;
    const { first, last } = geometry(svg, days);
    const to = {
      ArrowLeft: current < 0 ? last : current - 1,
      ArrowRight: current < 0 ? first : current + 1,
      Home: first,
      End: last,
    }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    show(to);
  });
  plot.addEventListener("pointermove", (e) => {
    const svg = visible();
    if (!svg) return;
    const box = svg.getBoundingClientRect();
    const x = ((e.clientX - box.left) / box.width) * svg.viewBox.baseVal.width;
    const g = geometry(svg, days);
    let best = g.first;
    for (let i = g.first; i <= g.last; i++) if (Math.abs(g.at(i) - x) < Math.abs(g.at(best) - x)) best = i;
    show(best, true);
  });
  plot.addEventListener("pointerleave", () => document.activeElement === plot || hide());
  plot.addEventListener("blur", hide);
}

// cursors makes every plot below root readable.
export function cursors(root) {
  root.querySelectorAll(".plot[data-t]").forEach(enhance);
}

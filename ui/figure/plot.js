// A plot as the script sees it: the values of the figure's data attributes, and
// where they stand in the drawing that is visible now.
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// pointText names a point of the horizontal axis.
function pointText(t, by) {
  if (by === "name" || by === "point") return t;
  if (by === "days") return t === 1 ? "1 day" : `${t} days`;
  const d = new Date(t * 86400000);
  const month = `${months[d.getUTCMonth()]} ${d.getUTCFullYear()}`;
  if (by === "year") return String(d.getUTCFullYear());
  if (by === "month") return month;
  return `${by === "week" ? "Week of " : ""}${d.getUTCDate()} ${month}`;
}

function valueText(v, unit) {
  if (v === undefined || v === "-") return "no value";
  return v[0] === "~" ? `${v.slice(1)}${unit}, suspect and left out` : v + unit;
}

function sums(t) {
  let sum = 0;
  return t.split(" ").map((d) => (sum += Number(d)));
}

export class Plot {
  constructor(element) {
    const { t, v, n, unit, by, single, hide } = element.dataset;
    this.element = element;
    this.by = by;
    this.unit = unit;
    this.dated = !["name", "point", "days"].includes(by);
    this.points = by === "name" || by === "point" ? t.split("|") : sums(t);
    this.columns = v.split("|").map((c) => c.split(" "));
    this.names = n.split("|");
    this.one = single === "true"; // the read-out has one series, the chosen one
    this.hideable = hide === "true";
    this.hidden = new Set();
    this.current = -1; // point
    this.chosen = this.one ? 0 : -1; // series
  }

  get svg() {
    return [...this.element.querySelectorAll("svg[data-plot]")].find((s) => s.getClientRects().length);
  }

  // parts are the elements of a series, in both drawings.
  parts(series) {
    return this.element.querySelectorAll(`[data-s="${series}"]`);
  }

  get shown() {
    return this.names.map((_, i) => i).filter((i) => !this.hidden.has(i));
  }

  pointName(i) {
    return pointText(this.points[i], this.by);
  }

  // text reads one point: the chosen series first, or alone.
  text(i) {
    let order = this.shown;
    if (this.chosen >= 0) order = this.one ? [this.chosen] : [this.chosen, ...order.filter((s) => s !== this.chosen)];
    const values = order.map((s) => `${this.names[s]} ${valueText(this.columns[s][i], this.unit)}`.trim());
    if (this.chosen >= 0) return `${values[0]}, ${this.pointName(i)}${values.length > 1 ? ` · ${values.slice(1).join(" · ")}` : ""}`;
    return `${this.pointName(i)}: ${values.join(" · ")}`;
  }

  // place says where points stand in a drawing, in its units: at(i), the first
  // and the last that it shows, the plot's edges; y(value) where it has a scale.
  place(svg) {
    const numbers = (name, by = " ") => svg.dataset[name]?.split(by).map(Number);
    const [x0, x1, bottom, top] = numbers("plot");
    const place = { x0, x1, bottom, top, first: 0, last: this.points.length - 1 };
    if (svg.dataset.y) {
      const [low, high] = numbers("y");
      place.y = (v) => bottom + ((v - low) / (high - low)) * (top - bottom);
    }
    if (svg.dataset.at) {
      const at = svg.dataset.at.split(" ").map((p) => p.split(",").map(Number));
      place.at = (i) => at[i][0];
      place.dot = (i) => at[i][1];
    } else if (svg.dataset.slots) {
      const [start, count] = numbers("slots");
      place.first = start;
      place.last = Math.min(start + count - 1, place.last);
      place.width = (x1 - x0) / count;
      place.at = (i) => x0 + (i - start + 0.5) * place.width;
    } else {
      const [from, to] = numbers("span");
      while (place.first < place.last && this.points[place.first] < from) place.first++;
      while (place.last > place.first && this.points[place.last] > to) place.last--;
      place.at = (i) => x0 + ((this.points[i] - from) / (to - from)) * (x1 - x0);
    }
    if (svg.dataset.rows) place.rows = svg.dataset.rows.split("|").map((r) => r.split(" ").map(Number));
    return place;
  }
}

// position is where the pointer stands, in the units of the drawing.
export function position(svg, e) {
  const box = svg.getBoundingClientRect();
  const scale = svg.viewBox.baseVal.width / box.width;
  return [(e.clientX - box.left) * scale, (e.clientY - box.top) * scale];
}

// nearest is the point that stands nearest to x, and to y where dots are free.
export function nearest(place, [x, y]) {
  const away = (i) => Math.abs(place.at(i) - x) + (place.dot?.(i) === undefined || Number.isNaN(place.dot(i)) ? 0 : Math.abs(place.dot(i) - y));
  let best = place.first;
  for (let i = place.first; i <= place.last; i++) if (away(i) < away(best)) best = i;
  return best;
}

// draw puts a path into a drawing, once for each class.
export function draw(svg, name, d) {
  let path = svg.querySelector(`.${name}`);
  if (!path) {
    path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("class", name);
    svg.append(path);
  }
  path.setAttribute("d", d);
}

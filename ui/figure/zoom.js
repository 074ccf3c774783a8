// A range of a chart over time is chosen by dragging, or with Shift and the
// arrows, and becomes from and to of the page, where the page's filter has them.
import { draw, nearest, position } from "./plot.js";

const day = (t) => new Date(t * 86400000).toISOString().slice(0, 10);

export const zoomable = (plot) =>
  plot.dated && ["from", "to"].every((name) => document.querySelector(`form.filter [name="${name}"]`));

function zoom(plot, a, b) {
  const url = new URL(location);
  url.hash = "";
  url.searchParams.delete("page");
  url.searchParams.set("from", day(plot.points[a]));
  // A point may stand for a period: up to the day before the next one.
  if (plot.by === "day") url.searchParams.set("to", day(plot.points[b]));
  else if (b < plot.points.length - 1) url.searchParams.set("to", day(plot.points[b + 1] - 1));
  else url.searchParams.delete("to");
  location.assign(url);
}

export function zooming(plot, { show, say }) {
  let from = -1; // the point where the range begins, -1 without one

  function range(to) {
    const svg = plot.svg;
    const place = plot.place(svg);
    const [a, b] = [Math.min(from, to), Math.max(from, to)];
    const half = place.width / 2 || 0;
    draw(svg, "rng", `M${place.at(a) - half} ${place.top}H${place.at(b) + half}V${place.bottom}H${place.at(a) - half}z`);
    say(`${plot.pointName(a)} to ${plot.pointName(b)}: ${dragging ? "let go" : "Enter"} to zoom, Escape to leave`, 0);
    return [a, b];
  }

  function leave() {
    from = -1;
    dragging = undefined;
    plot.element.querySelectorAll(".rng").forEach((r) => r.remove());
  }

  const { element } = plot;
  element.addEventListener("keydown", (e) => {
    if (e.key === "Escape") return leave();
    if (e.key === "Enter" && from >= 0 && plot.current !== from) return zoom(plot, ...range(plot.current));
    const step = { ArrowLeft: -1, ArrowRight: 1 }[e.key];
    if (!step) return;
    if (!e.shiftKey) return leave();
    if (from >= 0) return range(plot.current);
    // The cursor has moved already: the range begins where it was.
    from = Math.max(0, Math.min(plot.current - step, plot.points.length - 1));
    range(plot.current);
  });
  element.addEventListener("blur", leave);

  let dragging; // where the pointer went down, in client pixels
  element.addEventListener("pointerdown", (e) => {
    const svg = plot.svg;
    if (!svg || e.button !== 0 || e.pointerType === "touch" || e.target.closest("a")) return;
    leave();
    dragging = e.clientX;
    from = nearest(plot.place(svg), position(svg, e));
  });
  element.addEventListener("pointermove", (e) => {
    if (dragging === undefined || Math.abs(e.clientX - dragging) < 8) return;
    if (!e.buttons) return leave(); // let go outside the window
    element.setPointerCapture(e.pointerId);
    range(plot.current);
  });
  element.addEventListener("pointerup", (e) => {
    if (dragging === undefined) return;
    const moved = Math.abs(e.clientX - dragging) >= 8 && from !== plot.current;
    const to = plot.current;
    if (moved) zoom(plot, ...range(to));
    leave();
  });
  element.addEventListener("selectstart", (e) => dragging !== undefined && e.preventDefault());
}

// Charts are read with the pointer or with the keys: left and right for points,
// up and down for series, Home and End.
import { draw, nearest, position } from "./plot.js";

// mark is the value of the chosen series, or of the only one, as a ring.
function mark(plot, svg, place) {
  const series = plot.chosen >= 0 ? plot.chosen : plot.names.length === 1 ? 0 : -1;
  const free = place.dot?.(plot.current);
  const value = parseFloat(plot.columns[series]?.[plot.current]?.replace(/[~,]/g, "").replace("−", "-"));
  const y = Number.isNaN(free ?? NaN) ? place.y?.(value) : free;
  if (!Number.isFinite(y)) return svg.querySelector(".mk")?.remove();
  draw(svg, "mk", `M${place.at(plot.current) - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0-8 0`);
}

function choose(plot, series) {
  plot.chosen = series;
  const emphasised = series >= 0 && plot.names.length > 1;
  plot.element.classList.toggle("sel", emphasised && !plot.one);
  plot.names.forEach((_, i) => plot.parts(i).forEach((part) => part.classList.toggle("on", i === series)));
}

// cursor makes a plot readable and returns show, which moves to a point.
export function cursor(plot, out) {
  let said;

  function show(i, pause = 150) {
    const svg = plot.svg;
    if (!svg) return;
    const place = plot.place(svg);
    plot.current = Math.max(place.first, Math.min(i, place.last));
    const x = place.at(plot.current);
    const row = place.rows?.[plot.chosen];
    const half = place.width / 2;
    if (row) {
      const frame = `M${x - half} ${row[0]}h${place.width}v${row[1]}h${-place.width}z`;
      draw(svg, "halo", frame); // cells may be as dark as the frame
      draw(svg, "cur", frame);
    } else if (plot.by !== "point") {
      draw(svg, "cur", `M${x} ${place.top}V${place.bottom}`);
    }
    mark(plot, svg, place);
    say(plot.text(plot.current), pause);
  }

  // Announcements wait until the keys or the pointer rest.
  function say(text, pause) {
    clearTimeout(said);
    said = setTimeout(() => {
      out.textContent = text;
      // What was needed once stays, so that the page does not jump between one line and two.
      out.style.minHeight = `${Math.max(out.offsetHeight, parseFloat(out.style.minHeight) || 0)}px`;
    }, pause);
  }

  function hide() {
    clearTimeout(said);
    choose(plot, plot.one ? 0 : -1);
    plot.element.querySelectorAll(".cur, .halo, .mk").forEach((line) => line.remove());
    out.textContent = "";
  }

  // along moves the choice among the series that are not hidden.
  function along(step) {
    const shown = plot.shown;
    const at = shown.indexOf(plot.chosen);
    choose(plot, shown[at < 0 ? (step > 0 ? 0 : shown.length - 1) : (at + step + shown.length) % shown.length]);
  }

  plot.element.addEventListener("keydown", (e) => {
    const svg = plot.svg;
    if (!svg || e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented || e.target !== plot.element) return;
    const { first, last } = plot.place(svg);
    const { current } = plot;
    const many = plot.names.length > 1;
    if (many && (e.key === "ArrowUp" || e.key === "ArrowDown")) {
      e.preventDefault();
      along(e.key === "ArrowDown" ? 1 : -1);
      return show(current < 0 ? last : current);
    }
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
  function follow(e) {
    const svg = plot.svg;
    if (!svg) return;
    const place = plot.place(svg);
    const at = position(svg, e);
    if (place.rows) {
      const row = place.rows.findLastIndex(([top]) => at[1] >= top - 2);
      if (row >= 0) choose(plot, row);
    }
    show(nearest(place, at), 0);
  }
  plot.element.addEventListener("pointerdown", follow); // a finger may not move at all
  plot.element.addEventListener("pointermove", follow);
  // A finger that is lifted leaves its reading; the next tap elsewhere takes it away.
  plot.element.addEventListener("pointerleave", (e) => e.pointerType === "touch" || document.activeElement === plot.element || hide());
  plot.element.addEventListener("blur", hide);
  return { show, say };
}

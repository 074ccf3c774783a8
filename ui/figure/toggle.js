// Entries of the legend become switches that hide a series. What is hidden is
// not in the address: it is a way of looking, not another figure.

// restack lets the parts of a bar fall where one below them is hidden.
function restack(plot) {
  const bars = new Set([...plot.element.querySelectorAll("[data-s]")].map((part) => part.parentNode));
  for (const bar of bars) {
    let fall = 0;
    for (const part of bar.querySelectorAll(":scope > [data-s]")) {
      part.setAttribute("transform", `translate(0 ${fall})`);
      if (part.classList.contains("off")) fall += part.firstChild.height.baseVal.value + 0.8;
    }
  }
}

export function toggles(plot, figure) {
  if (!plot.hideable) return;
  const stacked = plot.by !== "days" && plot.element.querySelector("svg[data-slots]");
  for (const entry of figure.querySelectorAll(":scope > .key > li")) {
    const series = plot.names.indexOf(entry.textContent.trim());
    if (series < 0) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", "true");
    button.append(...entry.childNodes);
    entry.append(button);
    button.addEventListener("click", () => {
      const hide = !plot.hidden.has(series);
      plot.hidden[hide ? "add" : "delete"](series);
      if (plot.chosen === series) plot.chosen = -1;
      button.setAttribute("aria-pressed", String(!hide));
      plot.parts(series).forEach((part) => part.classList.toggle("off", hide));
      if (stacked) restack(plot);
    });
  }
}

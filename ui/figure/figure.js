// What the script adds to a figure. All of it can be read without.
import { cursor } from "./cursor.js";
import { Plot } from "./plot.js";
import { files, share } from "./share.js";
import { toggles } from "./toggle.js";
import { zoomable, zooming } from "./zoom.js";

// reachable lets the keys scroll a table that is wider than the page.
function reachable(table) {
  if (table.scrollWidth <= table.clientWidth) return;
  table.tabIndex = 0;
  table.setAttribute("role", "region");
  table.setAttribute("aria-label", table.querySelector("caption").textContent);
}

function enhance(figure) {
  const row = figure.querySelector(":scope > .links");
  if (row) share(row);
  const table = row?.querySelector(".scroll");
  if (table) {
    reachable(table);
    table.parentElement.addEventListener("toggle", () => reachable(table));
  }
  const element = figure.querySelector(":scope > .plot[data-t]");
  if (!element) return;
  const plot = new Plot(element);
  const reading = cursor(plot, figure.querySelector(":scope > .read"));
  toggles(plot, figure);
  const keys = ["left and right arrow, Home and End"];
  if (plot.names.length > 1) keys.push("up and down for one of several");
  if (zoomable(plot)) {
    zooming(plot, reading);
    keys.push("Shift and arrows choose a range, Enter zooms");
  }
  element.tabIndex = 0;
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", `Values: ${keys.join("; ")}`);
}

// figures adds to every figure below root, and to the files to copy.
export function figures(root) {
  files(root);
  root.querySelectorAll(".fig").forEach(enhance);
}

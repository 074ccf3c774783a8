// search focuses the field when "/" is pressed outside of a field. Firefox has
// its own use for that key and is left alone.
export function search() {
  if (navigator.userAgent.includes("Firefox/")) return;
  document.addEventListener("keydown", (e) => {
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.closest?.("input, select, textarea, [contenteditable]")) return;
    const field = document.querySelector(".find input");
    if (!field) return;
    e.preventDefault();
    field.focus();
    field.select();
  });
}

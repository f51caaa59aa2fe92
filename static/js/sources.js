// Choosing rows of the list of sources: by tick, by `x`, by page. The form works without this.

const boxes = () => [...document.querySelectorAll("[data-pick]")];
const all = document.querySelector("[data-pick-all]");
const whole = document.querySelector("[data-pick-whole]");
const told = document.getElementById("picked");

function tell() {
  const list = boxes();
  const count = list.filter((box) => box.checked).length;
  for (const box of list) box.closest("[data-row]").setAttribute("aria-selected", String(box.checked));
  if (all) {
    all.checked = count > 0 && count === list.length;
    all.indeterminate = count > 0 && count < list.length;
  }
  if (told) told.textContent = count ? `${count} ticked` : told.dataset.none;
}

document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement)) return;
  if (target === all) for (const box of boxes()) box.checked = all.checked;
  if (target === all || target === whole || "pick" in target.dataset) tell();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "x" || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.body.dataset.keys !== "on" || !(event.target instanceof Element)) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select, [contenteditable]")) return;
  const box = event.target.closest("[data-row]")?.querySelector("[data-pick]");
  if (!box) return;
  event.preventDefault();
  box.checked = !box.checked;
  tell();
});

if (all) all.hidden = false;
tell();

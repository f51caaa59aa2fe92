// Peek without leaving the list: the same links work without script.

const pane = () => document.getElementById("pane");

async function peek(link, row) {
  if (!window.htmx) {
    window.location.assign(link.href);
    return;
  }
  await window.htmx.ajax("GET", link.href, { target: "#pane", swap: "outerHTML" });
  window.history.replaceState(null, "", link.href);
  for (const other of document.querySelectorAll("[data-row].open")) other.classList.remove("open");
  row?.classList.add("open");
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !(event.target instanceof Element)) return;
  const link = event.target.closest("[data-peek]");
  if (link) {
    event.preventDefault();
    peek(link, link.closest("[data-row]"));
    return;
  }
  const close = event.target.closest("[data-close-pane]");
  if (close && pane()?.contains(close)) {
    event.preventDefault();
    window.history.replaceState(null, "", close.href);
    const empty = document.createElement("aside");
    empty.id = "pane";
    empty.hidden = true;
    empty.setAttribute("aria-label", "Peek");
    pane().replaceWith(empty);
    const row = document.querySelector("[data-row].open");
    row?.classList.remove("open");
    row?.querySelector("[data-row-link]")?.focus();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== " " || event.defaultPrevented || document.body.dataset.keys !== "on") return;
  const row = event.target instanceof Element ? event.target.closest("[data-row]") : null;
  const link = row?.querySelector("[data-peek]");
  if (!link || event.target.closest("input, button, select, textarea, summary")) return;
  event.preventDefault();
  peek(link, row);
});

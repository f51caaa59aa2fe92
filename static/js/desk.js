// Keys, rows, dialogs and toasts of the desk. Everything here also works by links and forms.

const IDLE = 1200; // ms in which the second key of `g t` must follow
let waiting = -Infinity; // when `g` was pressed

const typing = (target) =>
  target.closest("input, textarea, select, [contenteditable], [role=combobox], dialog[open]") !== null;

// What is folded away has a place, but is not seen: the keys pass over it.
const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility());

const linkOf = (row) => row.querySelector("[data-row-link]") ?? row.querySelector("a[href]");

function currentRow() {
  return document.activeElement?.closest("[data-row]") ?? document.querySelector("[data-row].open");
}

function step(by) {
  const all = rows();
  if (!all.length) return false;
  const at = all.indexOf(currentRow());
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
  linkOf(next)?.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function openOriginal() {
  const link = currentRow()?.querySelector("[data-original]") ?? document.querySelector("main [data-original]");
  if (!link) return false;
  window.open(link.href, "_blank", "noopener,noreferrer");
  return true;
}

function watch() {
  const button = document.querySelector("[data-watch]");
  button?.click();
  return Boolean(button);
}

function closeTop() {
  const open = document.querySelector("[data-close-pane]");
  if (open) {
    open.click();
    return true;
  }
  const toast = document.querySelector(".toast");
  if (toast) {
    toast.remove();
    return true;
  }
  return false;
}

function go(key) {
  const link = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
  if (!link) return false;
  window.location.assign(link.href);
  return true;
}

// What was just done is taken back, unless the page has something nearer that the key undoes.
function undoLast(target) {
  if (target.closest("a[data-why]") || document.querySelector('[data-key="u"], .slot [data-undo]')) return false;
  const last = [...document.querySelectorAll(".toast form button")].at(-1);
  last?.click();
  return Boolean(last);
}

function search() {
  const field = document.getElementById("q");
  if (field?.getClientRects().length) {
    field.focus();
    field.select();
    return true;
  }
  const link = document.querySelector(".to-find[href]");
  if (link) window.location.assign(link.href);
  return Boolean(link);
}

function keysHelp() {
  const dialog = document.getElementById("keys");
  if (!dialog) return false;
  dialog.showModal();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!(event.target instanceof Element)) return;
  if (event.key === "Escape") {
    if (event.target.id === "q") event.target.blur();
    else if (!typing(event.target) && closeTop()) event.preventDefault();
    return;
  }
  if (document.body.dataset.keys !== "on" || typing(event.target)) return;
  const second = performance.now() - waiting < IDLE;
  waiting = -Infinity;
  let done = false;
  if (second) done = go(event.key);
  else if (event.key === "g") {
    waiting = performance.now();
    done = true;
  } else if (event.key === "/") done = search();
  else if (event.key === "?") done = keysHelp();
  else if (event.key === "j") done = step(1);
  else if (event.key === "k") done = step(-1);
  else if (event.key === "o") done = openOriginal();
  else if (event.key === "b") done = watch();
  else if (event.key === "u") done = undoLast(event.target);
  if (done) event.preventDefault();
});

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("[data-close]")) target.closest(".toast")?.remove();
  const copy = target?.closest("[data-copy]");
  if (copy) {
    const source = document.getElementById(copy.dataset.copy);
    navigator.clipboard?.writeText(source.textContent.trim()).then(() => {
      copy.textContent = "Copied";
    });
  }
});

// A second press while the answer is under way would do the work twice; the label says what happens.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || !button?.dataset.busy) return;
  window.setTimeout(() => {
    button.disabled = true;
    button.textContent = button.dataset.busy;
  });
});

window.addEventListener("pageshow", (event) => {
  if (event.persisted) for (const button of document.querySelectorAll("[data-busy]")) button.disabled = false;
});

// A part of the page that is fetched: faded once it takes long, and a word in its place when no answer comes.
const SLOW = 300; // ms
const slow = new WeakMap();
document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  slow.set(detail.xhr, window.setTimeout(() => detail.target.setAttribute("aria-busy", "true"), SLOW));
});
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  window.clearTimeout(slow.get(detail.xhr));
  detail.target.removeAttribute("aria-busy");
  for (const old of document.querySelectorAll(".fault[data-part]")) old.remove();
});
function sayFault({ detail }) {
  const fault = document.getElementById("fault")?.content.firstElementChild.cloneNode(true);
  if (!fault) return;
  const { status } = detail.xhr;
  const request = status ? detail.xhr.getResponseHeader("x-request-id") : "";
  fault.querySelector("[data-words]").textContent = status
    ? `The server answered ${status}${request ? `, request ${request}` : ""}.`
    : "The desk does not answer.";
  fault.querySelector("[data-again]").href = detail.pathInfo?.finalRequestPath ?? window.location.href;
  detail.target.before(fault);
}
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) document.addEventListener(name, sayFault);

// After a swap that took the focus away it goes back to the field or link that had it, found by its id. Whoever went
// on to another field while the new part settled stays there.
let focused = "";
document.addEventListener("htmx:beforeSwap", () => {
  // A swap that begins while another settles finds nothing focused: what the other took is still to be given back.
  focused = document.activeElement?.id || focused;
});
document.addEventListener("htmx:afterSettle", () => {
  const isLost = !document.activeElement || document.activeElement === document.body;
  if (focused && isLost) document.getElementById(focused)?.focus();
  focused = "";
});

for (const element of document.querySelectorAll("[data-close], [data-copy]")) element.hidden = false;

// The review queue: one key an answer, the next question fetched before it is wanted. All of it also works by links
// and forms.

let ahead = { href: "", answer: null }; // the question after this one, fetched
let busy = false;

const part = () => document.getElementById("review");

async function ask(href, init = {}) {
  const headers = { "HX-Request": "true", "HX-Target": "review", ...init.headers };
  const answer = await fetch(href, { ...init, headers });
  if (answer.headers.get("content-type")?.startsWith("text/html") && (answer.ok || answer.status === 422)) {
    // Parsed without running anything: the answer is our own markup and the page's policy allows no inline script.
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.getElementById("review");
    if (found) return { found, toasts: page.getElementById("toasts"), href: answer.url };
  }
  const request = answer.headers.get("x-request-id");
  const fault = new Error(`The server answered ${answer.status}${request ? `, request ${request}` : ""}.`);
  fault.status = answer.status;
  throw fault;
}

function prefetch() {
  const href = part()?.dataset.next ?? "";
  ahead = { href, answer: href ? ask(href).catch(() => null) : null };
}

function show({ found, toasts, href }, { settled = true } = {}) {
  part().replaceWith(found);
  if (!settled) {
    found.setAttribute("aria-busy", "true");
    return;
  }
  if (toasts) {
    document.getElementById("toasts")?.replaceWith(toasts);
    for (const button of toasts.querySelectorAll("[data-close]")) button.hidden = false;
  }
  window.history.replaceState(null, "", href);
  // A form's fault or its button, else the question itself: that is what is read aloud next.
  for (const part of ["[aria-invalid=true]", "[data-first]", "#it-h"]) {
    const target = found.querySelector(part);
    if (target) {
      target.focus();
      break;
    }
  }
  document.querySelector(".queue [aria-current][data-row-link]")?.scrollIntoView({ block: "nearest" });
  prefetch();
}

async function follow(href) {
  if (busy) return;
  busy = true;
  try {
    const known = ahead.href && new URL(ahead.href, window.location.href).href === new URL(href, window.location.href).href;
    show((known && (await ahead.answer)) || (await ask(href)));
  } catch {
    window.location.assign(href);
  } finally {
    busy = false;
  }
}

// An answer that was not kept: the question stands there again as it was left, and what happened is read aloud.
function putBack(question, fault) {
  const shown = part();
  for (const one of [shown, question]) one.removeAttribute("aria-busy");
  if (shown !== question) shown.replaceWith(question);
  const said = document.getElementById("fault").content.firstElementChild.cloneNode(true);
  said.querySelector(".state").lastChild.textContent = "Not saved";
  said.querySelector("[data-words]").textContent = `${fault.status ? fault.message : "The desk does not answer."} Try again.`;
  said.querySelector("[data-again]").remove();
  (question.querySelector(".item") ?? question).prepend(said);
  question.querySelector("#it-h")?.focus();
}

// The next question stands there at once, faded until the answer to this one has arrived.
async function send(form, button) {
  if (busy) return;
  busy = true;
  part().querySelector(".fault[data-part]")?.remove();
  const body = new URLSearchParams(new FormData(form, button));
  const answer = ask(form.action, { method: "POST", body });
  const before = part();
  const next = await Promise.race([ahead.answer, answer.then(() => null, () => null)]);
  // A form that may come back with faults stays, and so does what an undo is pressed on.
  if (next && form.closest(".item") && !form.querySelector("textarea")) show(next, { settled: false });
  else before.setAttribute("aria-busy", "true");
  try {
    show(await answer);
  } catch (fault) {
    // A page without the question: whoever is signed out is led to the door.
    if (fault.status === 200) window.location.reload();
    else putBack(before, fault);
  } finally {
    busy = false;
  }
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !(event.target instanceof Element)) return;
  const link = event.target.closest("#review a[data-item]");
  if (!link) return;
  event.preventDefault();
  follow(link.href);
});

document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.closest("#review")) return;
  event.preventDefault();
  send(event.target, event.submitter);
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  if (document.body.dataset.keys !== "on" || !(event.target instanceof Element)) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, dialog[open]")) return;
  const target = part()?.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (!target) return;
  event.preventDefault();
  target.click();
});

if (part()) prefetch();

// Reading with questions: why a name is linked, a note on selected words. The same links and forms work without script.

const page = document.querySelector("[data-article]");
const edits = page?.hasAttribute("data-edit") ?? false;
let opener = null;

const slotOf = (element) =>
  element.closest(".passage")?.querySelector(".slot") ?? document.getElementById("slot-0");

function empty() {
  for (const slot of document.querySelectorAll(".slot")) slot.replaceChildren();
  for (const name of document.querySelectorAll(".ent.asked")) name.classList.remove("asked");
}

function close() {
  empty();
  window.history.replaceState(null, "", window.location.pathname);
  if (opener?.isConnected) opener.focus();
  opener = null;
}

async function show(href, slot, from, name) {
  if (!window.htmx) {
    window.location.assign(href);
    return;
  }
  empty();
  opener = from;
  document.activeElement?.blur(); // else the desk gives the focus back to it after the swap
  await window.htmx.ajax("GET", href, { target: `#${slot.id}`, swap: "innerHTML" });
  window.history.replaceState(null, "", href);
  name?.classList.add("asked");
  const panel = slot.firstElementChild;
  const field = panel?.id === "why" ? null : panel?.querySelector("textarea[name=body], input[name=surface], input[name=entity]");
  (field ?? panel)?.focus({ preventScroll: true });
  panel?.scrollIntoView({ block: "nearest" });
}

// A selection inside one paragraph as code points of the whole text; what the page added to the text is left out.
function selected() {
  const chosen = window.getSelection();
  if (!chosen || chosen.isCollapsed || !chosen.rangeCount) return null;
  const range = chosen.getRangeAt(0);
  const within = (node) => (node instanceof Element ? node : node.parentElement)?.closest("[data-start]");
  const paragraph = within(range.startContainer);
  if (!paragraph || paragraph !== within(range.endContainer)) return null;
  let at = Number(paragraph.dataset.start);
  let from = null;
  let to = null;
  const walk = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (node.parentElement.closest("[data-extra]")) continue;
    if (range.intersectsNode(node)) {
      const left = node === range.startContainer ? range.startOffset : 0;
      const right = node === range.endContainer ? range.endOffset : node.data.length;
      if (right > left) {
        from ??= at + [...node.data.slice(0, left)].length;
        to = at + [...node.data.slice(0, right)].length;
      }
    }
    at += [...node.data].length;
  }
  return from === null ? null : { paragraph, from, to };
}

function begin(kind, number, from) {
  const chosen = selected();
  const paragraph = chosen?.paragraph ?? document.querySelector(`[data-n="${number}"]`);
  if (!paragraph) return false;
  const span = chosen ? `&from=${chosen.from}&to=${chosen.to}` : "";
  show(`${window.location.pathname}?${kind}=${paragraph.dataset.n}${span}`, slotOf(paragraph), from ?? paragraph);
  return true;
}

// The paragraph that has the focus, else the first that can be seen.
function current() {
  const focused = document.activeElement?.closest(".passage")?.querySelector("[data-n]");
  const seen = [...document.querySelectorAll("[data-n]")].find(
    (paragraph) => paragraph.getBoundingClientRect().bottom > 96,
  );
  return (focused ?? seen)?.dataset.n ?? "1";
}

// One key undoes a link: in its open reasons, or while its name has the focus.
const undoButton = () => document.querySelector(".slot [data-undo]");

function takeBack(target) {
  const open = undoButton();
  const name = open ? null : target.closest("a[data-why]");
  if (open) open.click();
  else if (name) show(name.href, slotOf(name), name, name).then(() => undoButton()?.click());
  return Boolean(open ?? name);
}

if (edits) {
  const bubble = document.createElement("div");
  bubble.className = "pop bubble";
  bubble.setAttribute("role", "group");
  bubble.setAttribute("aria-label", "For the selected words");
  bubble.popover = "manual";
  for (const [kind, words] of [["note", "Note"], ["link", "Link"]]) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn bare";
    button.textContent = words;
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => {
      begin(kind, null, null);
      bubble.hidePopover();
    });
    bubble.append(button);
  }
  document.body.append(bubble);
  const open = () => bubble.matches(":popover-open");
  document.addEventListener("selectionchange", () => {
    if (!selected()) {
      if (open() && !bubble.contains(document.activeElement)) bubble.hidePopover();
      return;
    }
    const box = window.getSelection().getRangeAt(0).getBoundingClientRect();
    // Set through the object model: the policy of the page forbids style attributes, not this.
    bubble.style.top = `${Math.max(8, box.top - 44)}px`;
    bubble.style.left = `${Math.max(8, Math.min(window.innerWidth - 140, box.left))}px`;
    if (!open()) bubble.showPopover();
  });
  document.addEventListener("scroll", () => open() && bubble.hidePopover(), { passive: true });
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !(event.target instanceof Element)) return;
  const shut = event.target.closest(".slot [data-close-pane]");
  if (shut) {
    event.preventDefault();
    close();
    return;
  }
  const why = event.target.closest("a[data-why]");
  if (why) {
    event.preventDefault();
    const name = document.getElementById(new URL(why.href).hash.slice(1)) ?? why;
    show(why.href, slotOf(name), why, name);
    return;
  }
  const make = event.target.closest("a[data-do]");
  if (!make) return;
  event.preventDefault();
  if (make.dataset.do === "edit") show(make.href, slotOf(make), make);
  else begin(make.dataset.do, make.closest(".passage")?.querySelector("[data-n]").dataset.n ?? current(), make);
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !(event.target instanceof Element)) return;
  const field = event.target.closest("input, textarea, select, dialog[open]");
  if (event.key === "Escape" && field?.closest(".slot")) {
    event.preventDefault();
    close();
    return;
  }
  if (document.body.dataset.keys !== "on" || field || !edits) return;
  if (event.key === "u" && takeBack(event.target)) event.preventDefault();
  const kind = { a: "note", e: "link" }[event.key];
  if (kind && begin(kind, current(), null)) event.preventDefault();
});

// The Go to palette: a WAI-ARIA combobox over the fragments that the server answers. Without script it is a page.

const dialog = document.getElementById("palette");
const WAIT = 120; // ms after the last key before the server is asked

if (dialog) {
  const field = dialog.querySelector("[role=combobox]");
  const list = dialog.querySelector("[role=listbox]");
  const status = dialog.querySelector("[role=status]");
  let timer = 0;
  let asked = null;
  let back = null;
  let stale = false; // what is shown answers an older text
  let hasty = false; // Enter was pressed before the answer came

  const options = () => [...list.querySelectorAll("[role=option]")];

  const select = (option) => {
    for (const other of options()) other.setAttribute("aria-selected", String(other === option));
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  };

  const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");

  const show = (html) => {
    // Parsed without running anything: the answer is our own markup and the page's policy allows no inline script.
    const found = new DOMParser().parseFromString(html, "text/html").querySelectorAll("[role=option]");
    list.replaceChildren(...found);
    options().forEach((option, index) => {
      option.id = `palette-o${index}`;
    });
    field.setAttribute("aria-expanded", String(found.length > 0));
    select(options()[0] ?? null);
    stale = false;
    if (hasty) go(chosen());
    hasty = false;
    status.textContent = found.length ? `${found.length} matches` : field.value ? "Nothing fits" : "";
  };

  const ask = async () => {
    asked?.abort();
    asked = new AbortController();
    const address = new URL(dialog.dataset.source, window.location.href);
    address.searchParams.set("q", field.value);
    try {
      const answer = await fetch(address, { signal: asked.signal, headers: { "HX-Request": "true" } });
      if (answer.redirected || !answer.ok) throw new Error(`answer ${answer.status}`);
      show(await answer.text());
    } catch (error) {
      if (error.name === "AbortError") return;
      list.replaceChildren();
      field.setAttribute("aria-expanded", "false");
      status.textContent = "The desk does not answer. Try again.";
    }
  };

  const open = () => {
    if (dialog.open) return;
    back = document.activeElement;
    dialog.showModal();
    field.value = "";
    field.focus();
    ask();
  };

  const go = (option) => {
    if (option?.dataset.href) window.location.assign(option.dataset.href);
  };

  dialog.addEventListener("close", () => back?.focus?.());

  field.addEventListener("input", () => {
    stale = true;
    hasty = false;
    asked?.abort(); // an answer to an older text must not be taken for this one's
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, WAIT);
  });

  field.addEventListener("keydown", (event) => {
    const all = options();
    const at = all.indexOf(chosen());
    if (event.key === "ArrowDown") select(all[(at + 1) % all.length]);
    else if (event.key === "ArrowUp") select(all[(at - 1 + all.length) % all.length]);
    else if (event.key === "Enter" && stale) hasty = true;
    else if (event.key === "Enter") go(chosen());
    else return;
    event.preventDefault();
  });

  list.addEventListener("click", (event) => go(event.target.closest("[role=option]")));
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      open();
    }
  });
  for (const opener of document.querySelectorAll("[data-palette]")) {
    opener.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open();
    });
  }
}

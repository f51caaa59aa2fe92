// Rules for a publisher's pages: the preview follows the typing, and a part of the page becomes what is to be kept.
// Without this the buttons of the form do the same.

const PAUSE = 600; // ms without a key before the page is read by what is typed
const form = document.getElementById("rules");
let waiting;

const tryIt = () => form.dispatchEvent(new CustomEvent("tried"));

form?.addEventListener("input", ({ target }) => {
  // An address is asked for when it is complete, not letter by letter.
  if (target.name === "address" || target.name === "article") return;
  // A page that did not come is not asked for again at every letter: the button does that.
  if (document.querySelector("#trial [role=alert]")) return;
  window.clearTimeout(waiting);
  waiting = window.setTimeout(tryIt, PAUSE);
});

form?.addEventListener("change", ({ target }) => {
  if (target.name === "article" && target.value) form.elements.address.value = "";
  if (target.name === "address" || target.name === "article") tryIt();
});

document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button[form=rules], [data-try]") : null;
  if (!button || !window.htmx || button.name === "anew") return;
  event.preventDefault();
  if (button.name === "use") {
    form.elements.keep.value = button.value;
    form.elements.keep.focus();
  }
  window.clearTimeout(waiting);
  tryIt();
});

// The one script: what links and forms do already, a little quicker by keyboard. Nothing needs it.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

const keys = {
  "/": () => document.querySelector("[data-search], input[name=on]")?.focus(),
  "[": () => document.querySelector("a[rel=prev]")?.click(),
  "]": () => document.querySelector("a[rel=next]")?.click(),
  "?": () => document.querySelector("a[href='/help/keys']")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const act = keys[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
});

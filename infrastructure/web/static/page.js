// The one script: what links and forms do already, a little quicker by keyboard. Nothing needs it.
const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;
const rows = () => [...document.querySelectorAll("tbody tr")].filter((row) => row.querySelector("a") !== null);

const go = (by) => {
  const all = rows();
  if (all.length === 0) return;
  const here = all.findIndex((row) => row.contains(document.activeElement));
  const next = here < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(here + by, 0), all.length - 1);
  all[next].querySelector("a").focus();
};

const keys = {
  "/": () => document.querySelector("[data-search], input[name=on]")?.focus(),
  "[": () => document.querySelector("a[rel=prev]")?.click(),
  "]": () => document.querySelector("a[rel=next]")?.click(),
  "?": () => document.querySelector("a[href='/help/keys']")?.click(),
  j: () => go(1),
  k: () => go(-1),
  o: () => { if (rows().some((row) => row.contains(document.activeElement))) document.activeElement.click(); },
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const act = keys[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
});

// New rows of a log while its page is open. Everything it shows is put in as text; nothing breaks without it.
const place = document.querySelector("[data-live]");

if (place !== null && "EventSource" in window) {
  const table = document.querySelector("table[data-log] tbody");
  const says = place.querySelector("[role=status]");
  const pause = place.querySelector("button");
  const waiting = [];
  let paused = false;
  let count = 0;
  let telling = null;

  const cell = (name, label, text) => {
    const made = document.createElement(name);
    made.dataset.label = label;
    const shown = document.createElement("bdi");
    shown.textContent = text;
    made.append(shown);
    return made;
  };

  const show = (row) => {
    const line = document.createElement("tr");
    line.className = "live";
    const time = cell("td", "Time", row.time);
    const action = cell("td", "What", "");
    const link = document.createElement("a");
    link.href = row.href;
    link.textContent = row.action;
    action.replaceChildren(link);
    line.append(time, cell("td", "Who", row.actor), action, cell("td", "Target", ""), cell("td", "Change", ""),
      cell("td", "Device", row.device), cell("td", "Address", row.address), cell("td", "Outcome", row.outcome));
    table.prepend(line);
  };

  // Said once in a while, and not for each row: a busy place would talk without end.
  const tell = () => {
    if (telling !== null) return;
    telling = setTimeout(() => {
      telling = null;
      says.textContent = paused
        ? `Paused; ${waiting.length} new ${waiting.length === 1 ? "row waits" : "rows wait"}.`
        : `${count} new ${count === 1 ? "row" : "rows"} since this page was opened.`;
    }, 1000);
  };

  const source = new EventSource(place.dataset.live);
  source.addEventListener("open", () => { place.hidden = false; });
  source.addEventListener("row", (event) => {
    const row = JSON.parse(event.data);
    count += 1;
    if (paused) waiting.push(row); else show(row);
    tell();
  });
  pause.addEventListener("click", () => {
    paused = !paused;
    pause.textContent = paused ? "Go on" : "Pause";
    pause.setAttribute("aria-pressed", String(paused));
    if (!paused) waiting.splice(0).forEach(show);
    tell();
  });
  window.addEventListener("pagehide", () => source.close());
}

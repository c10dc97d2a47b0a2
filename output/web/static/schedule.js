"use strict";
// Counts of visits as they change, told by the server.
{
  const nav = document.querySelector("[data-progress]");
  const told = new EventSource(nav.dataset.progress);
  let known = false;
  told.addEventListener("message", (event) => {
    let changed = false;
    for (const [standing, count] of Object.entries(JSON.parse(event.data).counts)) {
      const shown = document.querySelector(`[data-count="${standing}"]`);
      if (shown && shown.textContent !== String(count)) { shown.textContent = String(count); changed = true; }
    }
    if (changed && known) document.getElementById("changed").hidden = false;
    known = true;
  });
  window.addEventListener("pagehide", () => told.close());
}

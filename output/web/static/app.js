"use strict";
// Shared by all pages: keys pressed while nobody types, handed to whatever the page registered.
window.kiemcong = { keys: {} };
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select");
  if (event.key === "Escape" && typing) { typing.blur(); return; }
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const act = window.kiemcong.keys[event.key];
  if (act) { event.preventDefault(); act(event); }
});
window.kiemcong.follow = (id) => () => { const link = document.getElementById(id); if (link) link.click(); };

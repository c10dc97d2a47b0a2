"use strict";
{
  const rows = [...document.querySelectorAll("a[data-row]")];
  let here = -1;
  const go = (step) => {
    if (!rows.length) return;
    if (here >= 0) rows[here].closest("tr").classList.remove("here");
    here = Math.min(rows.length - 1, Math.max(0, here + step));
    rows[here].closest("tr").classList.add("here");
    rows[here].focus();
  };
  const keys = window.kiemcong.keys;
  keys.j = () => go(1);
  keys.k = () => go(-1);
  keys.n = window.kiemcong.follow("next");
  keys["/"] = () => { const first = document.querySelector(".filters select"); if (first) first.focus(); };
  for (const select of document.querySelectorAll(".filters select")) select.addEventListener("change", () => select.form.requestSubmit());
}

(function () {
  function bring(place) {
    return fetch(place.dataset.url, { headers: { Accept: "application/json" } }).then(function (r) { return r.json(); }).then(function (got) {
      place.innerHTML = got.Data;
      place.removeAttribute("aria-busy");
      place.querySelectorAll(".island[data-url]").forEach(bring);
    });
  }
  document.querySelectorAll(".island[data-url]").forEach(bring);
  document.addEventListener("click", function (e) {
    var tab = e.target.closest("[role=tab]"), fold = e.target.closest("[aria-controls]");
    if (tab) {
      var group = tab.closest(".tabs");
      group.querySelectorAll("[role=tab]").forEach(function (t) { t.setAttribute("aria-selected", t === tab); });
      group.querySelectorAll("[role=tabpanel]").forEach(function (p) { p.hidden = p.id !== tab.getAttribute("aria-controls"); });
    } else if (fold) {
      var panel = document.getElementById(fold.getAttribute("aria-controls"));
      panel.hidden = !panel.hidden;
      fold.setAttribute("aria-expanded", !panel.hidden);
    }
  });
})();

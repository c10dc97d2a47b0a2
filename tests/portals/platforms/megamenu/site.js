(function () {
  document.querySelectorAll(".lazy-widget[data-url]").forEach(function (box) {
    var call = new XMLHttpRequest();
    call.open("GET", box.getAttribute("data-url"));
    call.onload = function () { box.innerHTML = call.responseText; };
    call.send();
  });
  document.querySelectorAll(".nav-tabs [data-target]").forEach(function (tab) {
    tab.addEventListener("click", function (e) {
      e.preventDefault();
      var group = tab.closest(".tab-group");
      group.querySelectorAll("[data-target]").forEach(function (one) { one.classList.toggle("active", one === tab); });
      group.querySelectorAll(".tab-pane").forEach(function (pane) { pane.classList.toggle("active", pane.id === tab.getAttribute("data-target")); });
    });
  });
})();

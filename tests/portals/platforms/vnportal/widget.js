(function () {
  function load(box) {
    var request = new XMLHttpRequest();
    request.open("GET", box.getAttribute("data-url"));
    request.onload = function () { if (request.status === 200) { box.innerHTML = request.responseText; box.className = "vp-loaded"; } };
    request.send();
  }
  document.addEventListener("DOMContentLoaded", function () {
    Array.prototype.forEach.call(document.querySelectorAll("div[data-url]"), load);
    Array.prototype.forEach.call(document.querySelectorAll(".vp-menu > li"), function (item) {
      item.addEventListener("mouseenter", function () { item.classList.add("open"); });
      item.addEventListener("mouseleave", function () { item.classList.remove("open"); });
    });
  });
})();

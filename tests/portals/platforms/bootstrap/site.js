(function (d) {
  function each(selector, run) { Array.prototype.forEach.call(d.querySelectorAll(selector), run); }
  each(".mega-dropdown", function (item) {
    item.addEventListener("mouseenter", function () { item.classList.add("open"); });
    item.addEventListener("mouseleave", function () { item.classList.remove("open"); });
    item.firstElementChild.addEventListener("click", function (event) {
      if (item.firstElementChild.getAttribute("href") === "#") { event.preventDefault(); item.classList.toggle("open"); }
    });
  });
  each("[data-toggle=tab]", function (tab) {
    tab.addEventListener("click", function (event) {
      event.preventDefault();
      var box = tab.parentNode.parentNode.parentNode;
      Array.prototype.forEach.call(box.querySelectorAll(".nav-tabs li, .tab-pane"), function (part) { part.classList.remove("active"); });
      tab.parentNode.classList.add("active");
      d.getElementById(tab.getAttribute("href").slice(1)).classList.add("active");
    });
  });
  each("[data-toggle=collapse]", function (head) {
    head.addEventListener("click", function (event) {
      event.preventDefault();
      d.getElementById(head.getAttribute("href").slice(1)).classList.toggle("in");
    });
  });
})(document);

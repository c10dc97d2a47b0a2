(function () {
  function fill(section, data) { section.innerHTML = data.Data; section.removeAttribute("data-url"); }
  function go() {
    var waiting = document.querySelectorAll("section.feed[data-url]");
    [].forEach.call(waiting, function (section) {
      var ask = new XMLHttpRequest();
      ask.open("GET", section.getAttribute("data-url"));
      ask.setRequestHeader("X-Requested-With", "XMLHttpRequest");
      ask.onreadystatechange = function () { if (ask.readyState === 4 && ask.status === 200) { fill(section, JSON.parse(ask.responseText)); } };
      ask.send();
    });
  }
  if (document.readyState === "complete") { go(); } else { window.addEventListener("load", go); }
})();

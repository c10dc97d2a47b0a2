{% set frame %}{% include "frame.html" %}{% endset %}{% set side %}{% include "side.html" %}{% endset %}
(function () {
  "use strict";
  var HASH = {{ "true" if layout.get("hash_routes") else "false" }};
  var SITE = {{ site.title|tojson }}, HOME = {{ site.home_label|tojson }};
  var META = {{ site.metadata|tojson }};
  var frame = {{ frame|string|tojson }}, side = {{ side|string|tojson }};
  var app = document.getElementById("app");
  function route() { return HASH ? "/" + (location.hash || "#/") : location.pathname; }
  function get(address, then) {
    fetch(address).then(function (r) { if (!r.ok) { throw new Error(r.status); } return r.json(); }).then(then).catch(function () {
      then({ title: "Không tìm thấy trang", html: "<p>Trang bạn yêu cầu không tồn tại.</p>", crumbs: [], kind: "missing" });
    });
  }
  function element(name, attributes, text) {
    var e = document.createElement(name);
    for (var k in attributes) { e.setAttribute(k, attributes[k]); }
    if (text) { e.textContent = text; }
    return e;
  }
  function menu(nodes) {
    var list = element("ul", {});
    nodes.forEach(function (n) {
      var item = element("li", {}), link = element("a", { href: n.href }, n.label);
      if (n.blank) { link.target = "_blank"; }
      item.appendChild(link);
      if (n.children.length) { item.appendChild(menu(n.children)); }
      list.appendChild(item);
    });
    return list;
  }
  function metadata(page) {
    document.querySelectorAll("meta[data-dc]").forEach(function (e) { e.remove(); });
    Object.keys(META).forEach(function (name) {
      var text = META[name].replace("{title}", page.title).replace("{lead}", page.title).replace("{path}", location.href)
        .replace("{date}", (page.published || {{ day(now)|tojson }}).split("/").reverse().join("-"));
      document.head.appendChild(element("meta", { name: name, content: text, "data-dc": "1" }));
    });
  }
  function show(page) {
    var view = document.getElementById("view");
    view.innerHTML = "";
    document.title = page.kind === "home" ? SITE : page.title + " | " + SITE;
    metadata(page);
    if (page.crumbs && page.crumbs.length) {
      var crumbs = element("div", { "class": "crumbs" });
      page.crumbs.forEach(function (c) { crumbs.appendChild(c.href ? element("a", { href: c.href }, c.label) : element("span", {}, c.label)); crumbs.appendChild(document.createTextNode(" / ")); });
      crumbs.appendChild(element("span", {}, page.title));
      view.appendChild(crumbs);
    }
    if (page.kind === "section" || page.kind === "missing") { view.appendChild(element("h1", { "class": "page-title" }, page.title)); }
    var body = element("div", { "class": "page-body" });
    body.innerHTML = page.html;
    view.appendChild(body);
    window.scrollTo(0, 0);
  }
  function load() { get({{ layout.api|tojson }} + "?route=" + encodeURIComponent(route()), show); }
  function search(words) {
    get({{ layout.search|tojson }} + "?q=" + encodeURIComponent(words), function (found) {
      var list = element("ol", { "class": "search-results" });
      (found.results || []).forEach(function (r) { var li = element("li", {}); li.appendChild(element("a", { href: r.href }, r.title)); list.appendChild(li); });
      var n = (found.results || []).length;
      show({ title: {{ site.search.title|tojson }}, kind: "section", crumbs: [], html: "<p>" + (n ? {{ site.search.found|tojson }}.replace("{n}", n) : {{ site.search.none_found|tojson }}) + "</p>" });
      document.querySelector("#view .page-body").appendChild(list);
    });
  }
  app.innerHTML = frame;
  document.getElementById("side").innerHTML = side;
  get({{ layout.api_menu|tojson }}, function (nodes) {
    var all = [{ label: HOME, href: {{ paths_of.home|tojson }}, children: [] }].concat(nodes);
    document.getElementById("menu").appendChild(menu(all));
  });
  document.addEventListener("click", function (e) {
    var link = e.target.closest && e.target.closest("a[href]");
    if (!link || link.target || e.ctrlKey || link.origin !== location.origin) { return; }
    if (/^\/(api|static)\//.test(link.pathname) || link.protocol === "javascript:" || link.protocol === "mailto:") { return; }
    if (HASH) { return; }
    e.preventDefault();
    history.pushState({}, "", link.getAttribute("href"));
    load();
  });
  document.addEventListener("submit", function (e) {
    e.preventDefault();
    var form = e.target, words = form.querySelector("input[name=tukhoa]");
    if (words) {
      get({{ layout.api|tojson }} + "?route=" + encodeURIComponent(route()) + "&tukhoa=" + encodeURIComponent(words.value), show);
    } else {
      fetch({{ layout.api|tojson }} + "?route=" + encodeURIComponent(route()), { method: "POST", body: new URLSearchParams(new FormData(form)) })
        .then(function (r) { return r.json(); }).then(function (p) { p.kind = "section"; show(p); });
    }
  });
  var box = document.getElementById("search-input"), button = document.getElementById("search-btn");
  if (box) {
    button.addEventListener("click", function () { search(box.value); });
    box.addEventListener("keydown", function (e) { if (e.key === "Enter") { search(box.value); } });
  }
  window.addEventListener(HASH ? "hashchange" : "popstate", load);
  load();
})();

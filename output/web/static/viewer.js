"use strict";
// The picture of the page an element was seen on, the element outlined from its box in the layout snapshot.
{
  const by = (id) => document.getElementById(id);
  const [stage, canvas, picture, outline, tag, empty, where, source, fit] =
    ["stage", "canvas", "picture", "outline", "tag", "empty", "where", "source", "fit"].map(by);
  const facts = [...document.querySelectorAll(".fact")];
  let shown = null, zoom = 1, close = true;

  const boxOf = (fact) => {
    if (!fact || !fact.dataset.box) return null;
    const [x, y, width, height, scale] = fact.dataset.box.split(" ").map(Number);
    return { x: x * scale, y: y * scale, width: width * scale, height: height * scale };
  };

  const draw = () => {
    if (!picture.naturalWidth) return;
    picture.style.width = `${picture.naturalWidth * zoom}px`;
    const box = boxOf(shown);
    outline.hidden = !box;
    if (!box) return;
    const pad = 4;
    outline.style.left = `${box.x * zoom - pad}px`;
    outline.style.top = `${box.y * zoom - pad}px`;
    outline.style.width = `${box.width * zoom + 2 * pad}px`;
    outline.style.height = `${box.height * zoom + 2 * pad}px`;
    outline.classList.toggle("low", box.y * zoom < 30);
    tag.textContent = `${shown.dataset.number}. ${shown.dataset.title}`;
    outline.classList.toggle("left", (box.x + box.width) * zoom < tag.offsetWidth);
  };

  const place = () => {
    if (!picture.naturalWidth) return;
    const box = boxOf(shown);
    const width = stage.clientWidth, height = stage.clientHeight;
    if (close && box) {
      zoom = Math.min(1, width / Math.max(box.width + 160, 480));
      draw();
      stage.scrollLeft = Math.max(0, (box.x + box.width / 2) * zoom - width / 2);
      stage.scrollTop = Math.max(0, Math.min((box.y + box.height / 2) * zoom - height / 2, box.y * zoom - 40));
    } else {
      zoom = Math.min(1, width / picture.naturalWidth);
      draw();
      stage.scrollTop = box ? Math.max(0, box.y * zoom - height / 3) : 0;
      stage.scrollLeft = 0;
    }
  };

  picture.addEventListener("load", () => { canvas.hidden = false; empty.hidden = true; place(); });
  picture.addEventListener("error", () => { canvas.hidden = true; empty.hidden = false; empty.textContent = "Ảnh chụp không mở được; xem trích dẫn và mã nguồn."; });

  const show = (fact) => {
    for (const one of facts) one.hidden = one !== fact;
    shown = fact;
    source.hidden = !fact || !fact.dataset.source;
    if (fact && fact.dataset.source) source.href = fact.dataset.source;
    where.textContent = fact ? fact.dataset.shown : "";
    if (!fact || !fact.dataset.picture) {
      canvas.hidden = true; empty.hidden = false;
      empty.textContent = fact ? fact.dataset.shown : "Kết luận về yếu tố này không dựa trên đoạn nào của trang; xem “Còn xem những gì” bên dưới.";
      return;
    }
    picture.alt = `Ảnh chụp trang cho yếu tố ${fact.dataset.title}`;
    if (picture.getAttribute("src") === fact.dataset.picture && picture.complete) { canvas.hidden = false; empty.hidden = true; place(); }
    else { outline.hidden = true; picture.src = fact.dataset.picture; }
  };

  const of = (element) => facts.filter((fact) => fact.dataset.element === element);
  window.kiemcong.show = (element) => show(of(element)[0] || null);
  const another = () => { if (shown) { const own = of(shown.dataset.element); show(own[(own.indexOf(shown) + 1) % own.length]); } };
  const change = () => { close = !close; fit.setAttribute("aria-pressed", String(close)); place(); };
  const scale = (by) => () => {
    const middle = (stage.scrollTop + stage.clientHeight / 2) / zoom, across = (stage.scrollLeft + stage.clientWidth / 2) / zoom;
    zoom = Math.min(4, Math.max(0.1, zoom * by));
    draw();
    stage.scrollTop = middle * zoom - stage.clientHeight / 2;
    stage.scrollLeft = across * zoom - stage.clientWidth / 2;
  };
  fit.addEventListener("click", change);
  by("larger").addEventListener("click", scale(1.25));
  by("smaller").addEventListener("click", scale(0.8));
  Object.assign(window.kiemcong.keys, { z: change, s: another, "+": scale(1.25), "=": scale(1.25), "-": scale(0.8) });
  window.addEventListener("resize", place);
}

"use strict";
{
  const by = (id) => document.getElementById(id);
  const elements = [...document.querySelectorAll(".element")];
  const keys = window.kiemcong.keys;
  let here = -1;

  const pick = (place) => {
    if (place < 0 || place >= elements.length) return;
    if (here >= 0) { elements[here].classList.remove("here"); elements[here].querySelector(".pick").setAttribute("aria-pressed", "false"); }
    here = place;
    elements[here].classList.add("here");
    elements[here].querySelector(".pick").setAttribute("aria-pressed", "true");
    elements[here].scrollIntoView({ block: "nearest" });
    window.kiemcong.show(elements[here].dataset.element);
  };
  elements.forEach((element, place) => element.querySelector(".pick").addEventListener("click", () => pick(place)));
  for (let number = 1; number <= 9; number += 1) keys[number] = () => pick(number - 1);
  keys.j = () => pick(Math.min(here + 1, elements.length - 1));
  keys.k = () => pick(Math.max(here - 1, 0));

  const changed = (element) => {
    const chosen = element.querySelector("input:checked");
    element.classList.toggle("changed", Boolean(chosen) && !("machine" in chosen.dataset) && element.querySelector("[data-machine]") !== null);
  };
  for (const element of elements) { element.addEventListener("change", () => changed(element)); changed(element); }
  const choose = (value) => () => {
    if (here < 0) return;
    const radio = elements[here].querySelector(`input[value="${value}"]`);
    if (radio) { radio.checked = true; changed(elements[here]); }
  };
  Object.assign(keys, { m: choose("met"), x: choose("not_met"), v: choose("not_applicable"), b: choose("unsure") });

  const text = by("text"), form = by("decision");
  let wanted = "overturn";
  const write = (act) => () => {
    if (!text || !by(act)) return;
    wanted = act;
    if (text.value.trim()) form.requestSubmit(by(act)); else text.focus();
  };
  keys.c = () => { if (by("confirm")) form.requestSubmit(by("confirm")); };
  keys.o = write("overturn");
  keys.r = write("recheck");
  if (text) {
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); form.requestSubmit(by(wanted) || by("recheck")); }
    });
    by("phrases").addEventListener("change", (event) => {
      if (!event.target.value) return;
      text.value = text.value.trim() ? `${text.value.trim()} ${event.target.value}` : event.target.value;
      event.target.selectedIndex = 0;
      text.focus();
    });
    // A form sent twice by an impatient key press would be told of as somebody else's change.
    form.addEventListener("submit", (event) => { if (form.dataset.sent) event.preventDefault(); else form.dataset.sent = "1"; });
    window.addEventListener("pageshow", () => { delete form.dataset.sent; });
  }
  const law = document.querySelector(".law");
  keys.l = () => { if (law) law.open = !law.open; };
  keys.a = window.kiemcong.follow("assign");
  keys.n = window.kiemcong.follow("next");
  keys.p = window.kiemcong.follow("previous");
  keys.u = window.kiemcong.follow("up");

  const help = by("help"), opener = by("help-button");
  const turn = () => { help.hidden = !help.hidden; opener.setAttribute("aria-expanded", String(!help.hidden)); };
  opener.addEventListener("click", turn);
  keys["?"] = turn;

  const proposed = elements.findIndex((element) => element.classList.contains("changed"));
  const first = proposed >= 0 ? proposed : elements.findIndex((element) => !element.closest(".signs") && !element.querySelector(".outcome.met, .outcome.not_applicable"));
  pick(first < 0 ? 0 : first);
}

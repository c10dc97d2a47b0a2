// Runs in a world of its own beside the page, whose scripts can neither see nor change it.
(() => {
  if (globalThis.kc) return;
  let touched = performance.now();
  new MutationObserver(() => { touched = performance.now(); })
    .observe(document, { childList: true, characterData: true, subtree: true });

  const fold = text => (text || "").normalize("NFC").replace(/\s+/g, " ").trim().toLowerCase();
  const labels = element => [element.innerText, element.getAttribute("aria-label"), element.title, element.value,
    element.querySelector?.("img[alt]")?.alt].filter(text => typeof text === "string").map(fold).filter(Boolean);
  const after = milliseconds => new Promise(done => setTimeout(done, milliseconds));
  // At the next frame, when what watches for elements coming into view is told; a page that draws none is not waited for.
  const shown = () => Promise.race([new Promise(done => requestAnimationFrame(done)), after(200)]);
  const textLength = element => fold(element?.innerText).length;
  const heightOf = () => Math.max(document.documentElement.scrollHeight, document.body?.scrollHeight || 0);
  const floats = element => element && element !== document.documentElement && element !== document.body
    && ["fixed", "sticky"].includes(getComputedStyle(element).position);

  const coverings = () => {
    // Points in the middle of the view: what floats over a good part of them covers the page. Bars at the edges are no overlays.
    const hits = new Map();
    for (let row = 0; row < 5; row += 1) {
      for (let column = 0; column < 5; column += 1) {
        let element = document.elementFromPoint(innerWidth * (column + 1) / 6, innerHeight * (row + 1.5) / 7);
        let top = null;
        for (; element; element = element.parentElement) if (floats(element)) top = element;
        if (top) hits.set(top, (hits.get(top) || 0) + 1);
      }
    }
    if (!hits.size) return [];
    const total = textLength(document.body);
    const aside = [...hits].filter(([element]) => textLength(element) * 2 <= total || total < 40);
    const covered = aside.reduce((sum, [, count]) => sum + count, 0);
    return covered >= 8 ? aside.map(([element]) => element) : [];
  };

  const pressable = element => {
    if (element.matches("a[href]") && !/^(#|javascript:)/i.test(element.getAttribute("href").trim())) return false;
    const form = element.closest("form");
    const submits = element.matches("button:not([type]), [type=submit], [type=image]");
    return !(form && submits && form.method !== "dialog");
  };

  const pathTag = element => {
    const tag = element.localName.toWellFormed();
    return /^[a-z][a-z0-9-]*$/.test(tag) ? tag : tag.replace(/([^\p{L}\p{N}_-])/gu, "\\$1");
  };

  globalThis.kc = {
    // Milliseconds since the page last changed, none while it is being read, once they are so many or have been waited for so long.
    rested: (quiet, most) => new Promise(done => {
      const end = performance.now() + most;
      const look = () => {
        const now = performance.now();
        const still = document.readyState === "loading" ? 0 : now - touched;
        if (still >= quiet || now >= end) done(still);
        else setTimeout(look, Math.min(Math.max(quiet - still, 20), end - now));
      };
      look();
    }),

    // Presses a button that refuses in a box that asks to agree to something, wherever it floats; its label, or "" where there is none.
    refuse: (boxes, words) => {
      for (const box of document.querySelectorAll(boxes)) {
        if (!box.getClientRects().length) continue;
        const candidates = [...box.querySelectorAll("button, a, [role=button], input[type=button], [onclick]")].slice(0, 100).filter(pressable);
        const found = candidates.find(element => element.getClientRects().length && labels(element).some(label => words.includes(label)));
        if (found) { found.click(); return fold(found.innerText || found.value) || words[0]; }
      }
      return "";
    },

    // Presses a button that refuses or closes what covers the page; its label, or "" where nothing covers it or nothing can be pressed.
    dismiss: words => {
      for (const box of coverings()) {
        const selector = "button, a, [role=button], input[type=button], [onclick], [class*=close i], [data-dismiss], [data-bs-dismiss], span, i";
        const candidates = [...box.querySelectorAll(selector)].slice(0, 500).filter(pressable);
        for (const word of words) {
          const found = candidates.find(element => labels(element).includes(word));
          if (found) { found.click(); return word; }
        }
        const unnamed = candidates.find(element => element.matches("[class*=close i], [data-dismiss], [data-bs-dismiss]") && !textLength(element));
        if (unnamed) { unnamed.click(); return "×"; }
      }
      return "";
    },

    // Passes over the page from `top` down to the clip, `step` pixels at a time, each shown for a frame and `pause` milliseconds, decodes its
    // images, for so long at most, and comes back to the top: -1. Where to go on from if the pass takes more than `most` milliseconds.
    pass: async ({ top, view, step, clip, pause, most, images }) => {
      const scroll = to => window.scrollTo({ top: to, behavior: "instant" });
      const end = performance.now() + most;
      scroll(top);
      while (top + view < Math.min(heightOf(), clip)) {
        top += step;
        scroll(top);
        await shown();
        await after(pause);
        if (performance.now() >= end) return top;
      }
      await Promise.race([Promise.all([...document.images].slice(0, 500).map(image => image.decode().catch(() => 0))), after(images)]);
      scroll(0);
      return -1;
    },

    // The box to type a query into, focused and emptied; whether there is one.
    focus: (selector, name) => {
      const root = document.querySelector(selector);
      if (!root) return false;
      const inputs = root.matches("input, textarea") ? [root] : [...root.querySelectorAll("input, textarea")];
      const typed = inputs.filter(input => ["text", "search", "textarea"].includes(input.type) && !input.disabled);
      const box = (name && typed.find(input => input.name === name || input.id === name))
        || typed.find(input => input.getClientRects().length) || typed[0];
      if (!box) return false;
      box.form?.removeAttribute("target");
      box.scrollIntoView({ block: "center", behavior: "instant" });
      box.focus({ preventScroll: true });
      box.value = "";
      globalThis.kcBox = box;
      return document.activeElement === box;
    },

    // Presses the button that belongs to the search box; whether there was one. A box without a form owns what shares its nearest wrapper.
    press: words => {
      const box = globalThis.kcBox;
      let scope = box?.form;
      const buttons = within => [...within.querySelectorAll("button, [type=submit], [type=image], [type=button], a, [role=button], [onclick]")]
        .filter(element => element !== box && (element.form || element.closest("form") || null) === (box.form || null));
      for (let level = 0, wrapper = box?.parentElement; !scope && wrapper && level < 3; level += 1, wrapper = wrapper.parentElement) {
        if (buttons(wrapper).length) scope = wrapper;
      }
      if (!scope) return false;
      const candidates = buttons(scope);
      const found = candidates.find(element => element.matches("[type=submit], [type=image], button:not([type])"))
        || candidates.find(element => labels(element).some(label => words.includes(label)))
        || candidates.find(element => element.matches("button, [type=button]"))
        || (box.form ? undefined : candidates[0]);
      found?.click();
      return Boolean(found);
    },

    // The tab or pager at the selector if it has the label, else the one thing to press that has; whether there is one. Nothing that sends a form.
    has: (selector, label) => {
      const word = fold(label);
      const fits = element => element && pressable(element) && !element.matches("input, select, textarea")
        && [...labels(element), fold(element.textContent)].includes(word);
      const first = document.querySelector(selector);
      const others = () => [...document.querySelectorAll("a, [role=tab], [data-toggle], [data-bs-toggle], li[onclick], span[onclick]")].filter(fits);
      const found = fits(first) ? [first] : others();
      globalThis.kcTurn = found.length === 1 ? found[0] : undefined;
      return found.length === 1;
    },

    turn: () => { globalThis.kcTurn?.click(); return Boolean(globalThis.kcTurn); },

    // DOM and boxes of one moment, the layout as the text of a JSON object: thousands of boxes are passed on, not taken apart. Nothing of the
    // page runs between this and the picture.
    freeze: (width, clip, most) => {
      for (const animation of document.getAnimations()) {
        try { animation.finish(); } catch { animation.pause(); }
      }
      document.querySelectorAll("marquee").forEach(marquee => marquee.stop?.());
      document.activeElement?.blur?.();
      const doctype = document.doctype ? new XMLSerializer().serializeToString(document.doctype) + "\n" : "";
      const dom = doctype + (document.documentElement?.outerHTML || "");
      const text = textLength(document.body);
      const hidden = coverings();
      hidden.forEach(element => element.style.setProperty("display", "none", "important"));
      window.scrollTo({ top: 0, left: 0, behavior: "instant" });
      const height = heightOf();
      const clipped = Math.max(1, Math.min(height, clip));
      const boxes = [], across = scrollX, down = scrollY;
      const visit = (element, path) => {
        if (boxes.length >= most) return;
        const box = element.getBoundingClientRect();
        const empty = box.width <= 0 || box.height <= 0;
        if (empty && getComputedStyle(element).display === "none") return;
        const left = box.left + across, top = box.top + down;
        if (!empty && left < width && top < clipped && left + box.width > 0 && top + box.height > 0) {
          boxes.push([path, Math.round(left), Math.round(top), Math.max(1, Math.round(box.width)), Math.max(1, Math.round(box.height))]);
        }
        if (element.localName === "svg") return;
        let nth = 0;
        for (const child of element.children) {
          nth += 1;
          visit(child, `${path} > ${pathTag(child)}:nth-child(${nth})`);
        }
      };
      if (document.documentElement) visit(document.documentElement, pathTag(document.documentElement));
      const layout = JSON.stringify({ width, height, clipped_height: clipped, scale: 1, boxes });
      return { dom, text, hidden: hidden.length, full: boxes.length < most, height, clipped, layout };
    },

    // Ends what the page still loads and takes it apart with its frames, its listeners and its timers, so that nothing of it is left to run
    // when the next page lets scripts run again.
    empty: () => {
      window.stop();
      for (let timer = setTimeout(() => 0), most = 100_000; timer > 0 && most > 0; timer -= 1, most -= 1) clearTimeout(timer);
      document.open();
      document.close();
    },
  };
})();

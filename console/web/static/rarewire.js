// The console's only script: keys, choosing rows, live parts, and times that stay true. Every page works without it.
(() => {
  "use strict";
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);

  // ---- times
  const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const span = (seconds) => {
    const [size, name] = units.find(([size]) => seconds >= size) ?? units[3];
    const whole = Math.floor(seconds / size);
    const next = units[units.findIndex(([s]) => s === size) + 1];
    const rest = next && size >= 3600 ? Math.floor((seconds % size) / next[0]) : 0;
    return `${whole} ${name}` + (rest && whole < 24 ? ` ${rest} ${next[1]}` : "");
  };
  const offset = Date.now() / 1000 - Number(one("meta[name=now]")?.content || Date.now() / 1000);
  const tickTimes = () => all("time[data-at]").forEach((time) => {
    const at = Number(time.dataset.at);
    const gap = Date.now() / 1000 - offset - at;
    time.textContent = Math.abs(gap) < 1 ? "now" : gap > 0 ? `${span(gap)} ago` : `in ${span(-gap)}`;
    if (!time.title) time.title = new Date(at * 1000).toLocaleString();
  });
  tickTimes();
  setInterval(tickTimes, 5000);

  one(".rail [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

  // ---- rows: where the keys are, and what is chosen
  let here = -1;
  const rows = () => all("[data-row]");
  const stand = (index) => {
    const some = rows();
    if (!some.length) return;
    some[here]?.classList.remove("is-here");
    here = Math.max(0, Math.min(index, some.length - 1));
    some[here].classList.add("is-here");
    some[here].scrollIntoView({ block: "nearest" });
  };
  const boxes = () => all("[data-choose]");
  let lastBox = null;
  const tell = () => {
    const form = one("[data-bulk]");
    if (!form) return;
    const some = boxes(), chosen = some.filter((box) => box.checked);
    some.forEach((box) => box.closest("[data-row]")?.classList.toggle("is-chosen", box.checked));
    const label = one("[data-chosen]", form), every = one("[data-all]", form);
    label.textContent = chosen.length ? `${chosen.length} chosen` : "Choose";
    every.checked = chosen.length > 0 && chosen.length === some.length;
    every.indeterminate = chosen.length > 0 && chosen.length < some.length;
    const needs = form.hasAttribute("data-needs-choice");
    all("button[data-key]", form).forEach((button) => {
      button.dataset.full ??= button.textContent;
      button.textContent = chosen.length && !needs ? button.dataset.full.replace(/all [\d.,kM]+/, String(chosen.length)) : button.dataset.full;
      button.disabled = needs && !chosen.length;
    });
    // With rows chosen, the filter is not what is meant; without, it is all that match.
    const scope = one("[data-scope]", form);
    if (scope) scope.disabled = chosen.length > 0;
  };
  document.addEventListener("click", (event) => {
    const box = event.target.closest("[data-choose]");
    if (box) {
      if (event.shiftKey && lastBox) {
        const some = boxes(), ends = [some.indexOf(lastBox), some.indexOf(box)].sort((a, b) => a - b);
        some.slice(ends[0], ends[1] + 1).forEach((between) => { between.checked = box.checked; });
      }
      lastBox = box;
      tell();
      return;
    }
    if (event.target.closest("[data-all]")) {
      const on = event.target.closest("[data-all]").checked;
      boxes().forEach((some) => { some.checked = on; });
      tell();
      return;
    }
    const row = event.target.closest("[data-row][data-href]");
    if (row && !event.target.closest("a, button, label, input") && !String(getSelection())) location.href = row.dataset.href;
  });
  tell();
  addEventListener("pageshow", tell);

  // ---- keys
  let prefix = "";
  const act = (key) => {
    const chosen = boxes().some((box) => box.checked), row = rows()[here];
    const box = row && one("[data-choose]", row);
    if (!chosen && box) { box.checked = true; tell(); }
    const button = one(`[data-key="${key}"]`);
    if (button && (chosen || box || !rows().length || button.tagName === "A")) { button.click(); return; }
    const target = row?.dataset[key === "R" ? "retry" : "discard"];
    if (target) location.href = target;
    else if (button) button.click();
  };
  const keys = {
    j: () => stand(here + 1),
    k: () => stand(here - 1),
    x: () => { const box = rows()[here] && one("[data-choose]", rows()[here]); if (box) { box.checked = !box.checked; lastBox = box; tell(); } },
    a: () => { const some = boxes(), on = some.some((box) => !box.checked); some.forEach((box) => { box.checked = on; }); tell(); },
    n: () => one("[data-next]")?.click(),
    p: () => one("[data-prev]")?.click(),
    R: () => act("R"),
    D: () => act("D"),
    "/": () => (one("[data-filter]") ?? one("[data-search]")).select(),
    s: () => one("[data-search]").select(),
    "?": () => one("#keys").showModal(),
    Enter: () => { const row = rows()[here]; if (row?.dataset.href) location.href = row.dataset.href; else one("[data-confirm]")?.click(); },
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
    if (event.key === "Escape" && typing) { typing.blur(); return; }
    if (typing || one("dialog[open]")) return;
    if (event.key === "Enter" && event.target.closest("a, button")) return;
    if (prefix === "g") {
      prefix = "";
      const link = one(`[data-go="${event.key}"]`);
      if (link) { event.preventDefault(); link.click(); }
      return;
    }
    if (event.key === "g") { prefix = "g"; setTimeout(() => { prefix = ""; }, 1200); return; }
    if (keys[event.key]) { event.preventDefault(); keys[event.key](); }
  });

  // ---- live parts
  const screen = document.body.dataset.live;
  if (screen) {
    const dot = one("[data-live-dot]"), source = new EventSource(`/live?screen=${encodeURIComponent(screen)}`);
    source.onopen = () => { dot.hidden = false; dot.classList.remove("is-lost"); one("span", dot).textContent = "live"; };
    source.onerror = () => { dot.hidden = false; dot.classList.add("is-lost"); one("span", dot).textContent = "not connected"; };
    source.addEventListener("parts", (event) => {
      for (const [id, markup] of Object.entries(JSON.parse(event.data))) {
        const place = document.getElementById(id);
        if (!place || place.contains(document.activeElement) && document.activeElement.matches("input, textarea")) continue;
        const known = new Set(all("li[id]", place).map((row) => row.id));
        place.innerHTML = markup;  // rendered by our own templates, which escape everything
        if (known.size) all("li[id]", place).filter((row) => !known.has(row.id)).forEach((row) => row.classList.add("is-new"));
      }
      if (here >= 0) stand(here);
      tickTimes();
    });
    addEventListener("pagehide", () => source.close());
  }
})();

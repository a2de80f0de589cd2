// A batch on its way: its head is asked for again until it is done; the list below says when there is more to see.
(function () {
  "use strict";
  // rows by keyboard
  const rows = () => Array.from(document.querySelectorAll(".reports-list tbody tr, .batches-list tbody tr"));
  function move(step) {
    const all = rows(), at = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
    const next = all[Math.min(Math.max(at + step, 0), all.length - 1)];
    if (!next) return;
    if (all[at]) all[at].removeAttribute("aria-selected");
    next.setAttribute("aria-selected", "true");
    next.querySelector("th a").focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  }
  if (rows().length) {
    hecha.key("j", "下一行", () => move(1));
    hecha.key("k", "上一行", () => move(-1));
  }

  const running = document.querySelector("[data-refresh]"); // of the dashboard
  if (running) setTimeout(hecha.refresh, 10000);

  const live = document.getElementById("live");
  if (!live) return;
  const state = () => document.getElementById("standing").dataset;
  let begun = Number(state().settled), listed = Date.now();
  let pause = 1000;

  async function look() {
    if (document.hidden) return setTimeout(look, 2000);
    try {
      const said = await hecha.send(live.dataset.address, { method: "GET" });
      live.innerHTML = said.html;
      pause = 1000;
    } catch {
      pause = Math.min(pause * 2, 30000); // the server is away for a while: it will be asked again
    }
    await list();
    if (state().done === "true") {
      if (window.scrollY < 200) hecha.refresh();
      return;
    }
    setTimeout(look, pause);
  }
  // the list follows, but never under somebody's hand
  async function list() {
    const settled = Number(state().settled);
    if (settled === begun) return;
    const note = document.getElementById("more-results"), shown = document.getElementById("reports");
    const busy = shown.matches(":hover") || shown.contains(document.activeElement);
    if (!busy && Date.now() - listed > 4000) {
      const answer = await fetch(location.href).catch(() => null);
      const fresh = answer && answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("reports");
      if (fresh) { shown.replaceChildren(...fresh.childNodes); begun = settled; listed = Date.now(); }
    }
    note.hidden = settled === begun;
    note.querySelector("b").textContent = (settled - begun).toLocaleString();
  }
  document.querySelector("#more-results a").addEventListener("click", (event) => { event.preventDefault(); location.reload(); });
  if (state().done !== "true") setTimeout(look, pause);
})();

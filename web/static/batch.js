// A batch on its way: its head is asked for again until it is done; the list below says when there is more to see.
(function () {
  "use strict";
  const running = document.querySelector("[data-refresh]"); // of the dashboard
  if (running) setTimeout(() => location.reload(), 10000);

  const live = document.getElementById("live");
  if (!live) return;
  const state = () => document.getElementById("standing").dataset;
  const begun = Number(state().settled);
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
    const more = Number(state().settled) - begun;
    const note = document.getElementById("more-results");
    note.hidden = more <= 0;
    note.querySelector("b").textContent = more.toLocaleString();
    if (state().done === "true") {
      if (window.scrollY < 200 && !document.activeElement.closest("form, dialog")) location.reload();
      return;
    }
    setTimeout(look, pause);
  }
  document.querySelector("#more-results a").addEventListener("click", (event) => { event.preventDefault(); location.reload(); });
  if (state().done !== "true") setTimeout(look, pause);
})();

// The report page: problems left, source and tables right, decisions by keyboard. Without it every form and link still works.
(function () {
  "use strict";
  if (!document.getElementById("report")) return;
  const list = document.getElementById("problems");
  const $ = (id) => document.getElementById(id);

  // tabs: the panes are all there; with a script one of them is shown

  const tabs = Array.from(document.querySelectorAll("#tabs a"));
  const panes = tabs.map((tab) => $(tab.getAttribute("href").slice(1)));
  function show(name) {
    tabs.forEach((tab, at) => {
      const chosen = panes[at].id === name;
      if (chosen) tab.setAttribute("aria-current", "page"); else tab.removeAttribute("aria-current");
      panes[at].hidden = !chosen;
    });
    const pane = $(name);
    if (pane && pane.dataset.pages) draw(pane);
    if (pane && pane.dataset.src && !pane.querySelector("iframe")) {
      const frame = document.createElement("iframe");
      frame.src = pane.dataset.src;
      frame.title = "核查报告";
      pane.append(frame);
    }
  }
  if (tabs.length) {
    tabs.forEach((tab, at) => tab.addEventListener("click", (event) => { event.preventDefault(); event.stopPropagation(); show(panes[at].id); }));
    show("source");
  }
  // the pages as they look are drawn when somebody wants to see them
  async function draw(pane) {
    const address = pane.dataset.pages;
    delete pane.dataset.pages;
    pane.firstElementChild.textContent = "正在画页面……";
    const answer = await fetch(address).catch(() => null);
    const fresh = answer && answer.ok && new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("drawn-pages");
    if (!fresh) { pane.dataset.pages = address; pane.firstElementChild.textContent = "页面没有画出来，请再点一次“原文页面”。"; return; }
    fresh.querySelectorAll("a.place").forEach((place) => place.setAttribute("href", place.getAttribute("href").replace(/^.*#/, "#")));
    pane.replaceChildren(fresh);
    if (current) { mark(current.dataset.number); into($("p" + current.dataset.number), pane); }
  }
  const paneOf = (element) => element && element.closest(".pane");

  // problems: the current one, filters, what belongs to it on the right

  let current = null;
  const cards = () => Array.from(list ? list.children : []).filter((card) => !card.hidden);
  const wide = () => window.matchMedia("(min-width: 1000px)").matches;

  function mark(number) {
    document.querySelectorAll(".now").forEach((element) => element.classList.remove("now"));
    const all = document.querySelectorAll(`[data-numbers~="${number}"]`);
    all.forEach((element) => { (element.closest("td, th") && paneOf(element).id === "tables" ? element.closest("td, th") : element).classList.add("now"); });
  }
  function into(element, container) {
    if (!element || !container) return;
    const box = element.getBoundingClientRect(), frame = container.getBoundingClientRect();
    container.scrollBy({ top: box.top - frame.top - frame.height / 3, behavior: "instant" });
  }
  function reveal(number) {
    if (!wide()) return;
    const shown = panes.find((pane) => !pane.hidden);
    const order = { source: ["s", "c"], tables: ["c", "s"], pages: ["p", "s", "c"] }[shown && shown.id];
    if (!order) return; // somebody reads something else there
    const ids = order.map((letter) => [letter, { s: "source", c: "tables", p: "pages" }[letter]]);
    for (const [letter, name] of ids) {
      const target = $(letter + number);
      if (target) { show(name); into(target, $(name)); return; }
    }
  }
  function choose(card, focus = true) {
    if (!card) return;
    if (current) current.classList.remove("current");
    current = card;
    card.classList.add("current");
    if (focus) { card.focus({ preventScroll: true }); card.scrollIntoView({ block: "nearest" }); }
    mark(card.dataset.number);
    reveal(card.dataset.number);
  }
  function move(step) {
    const shown = cards();
    if (!shown.length) return;
    const at = shown.indexOf(current);
    choose(shown[at < 0 ? 0 : Math.min(Math.max(at + step, 0), shown.length - 1)]);
  }
  if (list) {
    list.addEventListener("click", (event) => {
      const card = event.target.closest(".problem");
      if (card && !event.target.closest("a, button, summary, input, textarea, label")) choose(card, false);
    });
    list.addEventListener("focusin", (event) => {
      const card = event.target.closest(".problem");
      if (card && card !== current) choose(card, false);
    });
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    if (!link || link.closest("#tabs")) return;
    const target = $(link.getAttribute("href").slice(1));
    if (!target) return;
    const panel = paneOf(target);
    if (panel) {
      event.preventDefault();
      const card = link.closest(".problem");
      show(panel.id);
      if (card) { choose(card, false); show(panel.id); }
      if (wide()) into(target, panel); else target.scrollIntoView({ block: "center" });
    } else if (target.classList.contains("problem")) {
      event.preventDefault();
      const numbers = (link.dataset.numbers || "").split(" ");
      const at = numbers.indexOf(current ? current.dataset.number : "");
      let card = $("f" + numbers[(at + 1) % numbers.length]) || target; // several problems at one place: each click the next
      if (card.hidden) filter("all");
      choose(card);
    }
  });

  const chips = Array.from(document.querySelectorAll("[data-filter]"));
  function filter(name) {
    chips.forEach((chip) => chip.setAttribute("aria-pressed", String(chip.dataset.filter === name)));
    let left = 0;
    for (const card of list.children) {
      const fits = { all: true, open: card.dataset.standing === "open", doubtful: "doubtful" in card.dataset }[name];
      card.hidden = !(fits === undefined ? card.dataset.severity === name : fits);
      left += card.hidden ? 0 : 1;
    }
    $("none-left").hidden = left > 0;
  }
  chips.forEach((chip) => chip.addEventListener("click", () => filter(chip.dataset.filter)));

  // decisions

  const dialog = $("reason-dialog");
  const NAMES = { confirmed: "确认", dismissed: "不成立", waived: "豁免", reopened: "撤销认定" };
  let asking = null;

  function ask(card, decided) {
    asking = { card, decided };
    $("reason-dialog-title").textContent = "认定为“" + NAMES[decided] + "”";
    $("reason-about").textContent = card.dataset.number + ". " + card.querySelector("h3").textContent + "：" + card.querySelector(".message").textContent;
    $("reason-text").value = "";
    $("reason-expires").value = "";
    $("expires-row").hidden = decided !== "waived";
    $("reason-fault").hidden = true;
    dialog.showModal();
    $("reason-text").focus();
  }
  if (dialog) {
    $("reason-form").addEventListener("submit", (event) => {
      event.preventDefault();
      if (!asking) return;
      const { card, decided } = asking;
      send(card, decided, $("reason-text").value, $("reason-expires").value).then((fault) => {
        if (fault) { $("reason-fault").textContent = fault; $("reason-fault").hidden = false; return; }
        dialog.close();
        next(card);
      });
    });
    $("reason-text").addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); $("reason-ok").click(); }
    });
    dialog.addEventListener("close", () => { asking = null; if (current) current.focus({ preventScroll: true }); });
  }

  let busy = false;
  async function send(card, decided, reason, expires) {
    if (busy) return "上一个认定还在保存，请稍候";
    busy = true;
    try {
      const form = new FormData();
      form.set("finding", card.dataset.finding);
      form.set("decided", decided);
      form.set("reason", reason || "");
      form.set("expires", decided === "waived" ? expires || "" : "");
      form.set("seen", card.querySelector("form.decide [name=seen]").value);
      const rest = document.querySelector("#confirm-rest [name=seen]");
      if (rest) form.set("rest_seen", rest.value);
      const said = await hecha.send(card.querySelector("form.decide").action, { form });
      const holder = document.createElement("template");
      holder.innerHTML = said.card.trim();
      const fresh = holder.content.firstElementChild;
      card.replaceWith(fresh);
      if (current === card) { current = null; choose(fresh); }
      $("decided-count").textContent = said.decided;
      if ($("open-count")) $("open-count").textContent = said.open;
      if (rest) { rest.value = said.rest_seen; $("confirm-rest").hidden = !sureAndOpen(); }
      return "";
    } catch (error) {
      if (error.code === "DECIDED_MEANWHILE") meanwhile(card, decided, reason, expires);
      if (error.status === 401) keep({ path: location.pathname, finding: card.dataset.finding, decided, reason, expires });
      return error.message;
    } finally {
      busy = false;
    }
  }
  // what was written when the session had ended is there again after signing in
  const KEPT = "hecha.reason";
  const keep = (said) => { try { sessionStorage.setItem(KEPT, JSON.stringify(said)); } catch { /* not kept */ } };
  function resume() {
    let said = null;
    try { said = JSON.parse(sessionStorage.getItem(KEPT)); } catch { /* nothing is kept */ }
    if (!said || said.path !== location.pathname) return;
    sessionStorage.removeItem(KEPT);
    const card = Array.from(list.children).find((one) => one.dataset.finding === said.finding);
    if (!card || !said.reason) return;
    choose(card);
    ask(card, said.decided);
    $("reason-text").value = said.reason;
    $("reason-expires").value = said.expires || "";
  }
  const sureAndOpen = () => Array.from(list.children).some((card) => card.dataset.standing === "open" && !("doubtful" in card.dataset));
  // somebody else has decided: the server shows what, and asks again
  function meanwhile(card, decided, reason, expires) {
    const form = card.querySelector("form.decide").cloneNode(true);
    form.querySelectorAll("noscript, button, textarea, [name=expires]").forEach((element) => element.remove());
    for (const [name, value] of [["decided", decided], ["reason", reason || ""], ["expires", decided === "waived" ? expires || "" : ""]]) {
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = name;
      field.value = value;
      form.append(field);
    }
    form.hidden = true;
    document.body.append(form);
    form.submit();
  }
  async function decide(card, decided) {
    if (!card || !card.querySelector("form.decide")) return;
    if (decided === "waived" && !("waivable" in card.dataset)) return say(card, "这条规则不允许豁免");
    if (decided === "reopened" && card.dataset.standing === "open") return;
    if (decided === "dismissed" || decided === "waived") return ask(card, decided);
    const fault = await send(card, decided, "", "");
    if (fault) say(card, fault);
    else if (decided === "confirmed") next(card);
  }
  function next(card) {
    const number = Number((current || card).dataset.number);
    const open = cards().find((other) => Number(other.dataset.number) > number && other.dataset.standing === "open");
    if (open) choose(open);
  }
  function say(card, words) {
    const old = card.querySelector(".fault");
    const line = old || document.createElement("p");
    line.className = "fault";
    line.setAttribute("role", "alert");
    line.textContent = words;
    if (!old) card.querySelector("article").append(line);
  }
  if (list) list.addEventListener("submit", (event) => {
    const form = event.target.closest("form.decide");
    if (!form || !event.submitter) return;
    event.preventDefault();
    choose(form.closest(".problem"), false);
    decide(form.closest(".problem"), event.submitter.value);
  });

  // keys

  if (list) {
    hecha.key("j", "下一个问题", () => move(1));
    hecha.key("k", "上一个问题", () => move(-1));
    if (list.querySelector("form.decide")) {
      hecha.key("c", "确认", () => decide(current, "confirmed"));
      hecha.key("d", "认定为不成立（写理由）", () => decide(current, "dismissed"));
      hecha.key("w", "豁免（写理由）", () => decide(current, "waived"));
      hecha.key("u", "撤销认定", () => decide(current, "reopened"));
    }
    hecha.key("e", "展开或收起依据和建议", () => { if (current) { const more = current.querySelector("details.more"); more.open = !more.open; } });
    hecha.key("s", "看原文", () => { show("source"); if (current) into($("s" + current.dataset.number), $("source")); });
    if ($("pages")) hecha.key("o", "看原文页面", () => { show("pages"); if (current) into($("p" + current.dataset.number), $("pages")); });
    if ($("tables")) hecha.key("t", "看三张表", () => { show("tables"); if (current) into($("c" + current.dataset.number), $("tables")); });
  }

  // arriving at #f3, or at the first problem not decided yet

  const asked = /^#f\d+$/.test(location.hash) && $(location.hash.slice(1));
  if (asked) choose(asked);
  else if (list && wide()) choose(cards().find((card) => card.dataset.standing === "open") || cards()[0], false);
  if (list && dialog) resume();
})();

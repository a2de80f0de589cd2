/* What pages gain with JavaScript; all of them work without it. No area's own business stands here.

   data-dialog="#id"     opens the dialog; data-close within it closes it
   data-confirm="words"  on a form or button: asks before it is sent
   data-autosubmit       on a form: sent when a select or checkbox of it changes
   data-key="k" data-key-words="…"  a key that clicks a link or button, or goes to an input; listed under ?
   data-copy="#id"       copies that element's text
   data-check-all="name" a checkbox that sets all others of this name
   data-flash, data-dismiss  something said, and the button that takes it away

   hecha.send(url, {method, json, form})  fetch with the form token; answers JSON, throws Error with the server's words
   hecha.toast(words, tone)               tone: good, warn, bad, info
   hecha.key(key, words, action)          one more key of this page
   hecha.refresh()                        loads the page anew as soon as nobody is at work on it */

"use strict";

const hecha = (() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const keys = new Map();
  const GO_SECONDS = 1.5, HAND_SECONDS = 3, LEAVING_SECONDS = 60;

  async function send(url, { method = "POST", json, form } = {}) {
    const headers = { Accept: "application/json", "X-CSRF-Token": document.querySelector('meta[name="csrf"]').content };
    if (json !== undefined) headers["Content-Type"] = "application/json";
    let answer;
    try {
      answer = await fetch(url, { method, headers, body: json !== undefined ? JSON.stringify(json) : form, credentials: "same-origin" });
    } catch {
      throw new Error("连接不上服务器；请检查网络后再试");
    }
    const isJson = (answer.headers.get("content-type") || "").includes("json");
    const body = isJson ? await answer.json() : null;
    if (answer.ok) return body;
    const fault = new Error(body?.error?.message || `服务器没有完成这次操作（${answer.status}）`);
    fault.status = answer.status;
    fault.code = body?.error?.code;
    if (answer.status === 401) location.href = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
    throw fault;
  }

  function toast(words, tone = "info", seconds = 6) {
    const box = document.createElement("div");
    box.className = `toast ${tone}`;
    const text = document.createElement("p");
    text.textContent = words;
    box.append(text);
    document.getElementById("toasts").append(box);
    setTimeout(() => box.remove(), seconds * 1000);
  }

  function key(name, words, action) {
    keys.set(name, { words, action });
  }

  function typing(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }

  function press(element) {
    if (/^(INPUT|TEXTAREA|SELECT)$/.test(element.tagName)) {
      element.focus();
      element.select?.();
    } else {
      element.click();
    }
  }

  function showHelp() {
    const list = document.querySelector("[data-keys]");
    list.replaceChildren();
    const rows = [...keys].filter(([, entry]) => entry.words).map(([name, entry]) => [name, entry.words]);
    document.querySelectorAll("[data-key][data-key-words]").forEach((item) => rows.push([item.dataset.key, item.dataset.keyWords]));
    document.querySelectorAll("[data-go]").forEach((item) => rows.push([`g ${item.dataset.go}`, `转到${item.textContent.trim()}`]));
    rows.push(["Esc", "关闭窗口"], ["?", "显示这张表"]);
    for (const [name, words] of rows) {
      const term = document.createElement("dt");
      for (const part of name.split(" ")) {
        const cap = document.createElement("kbd");
        cap.textContent = { " ": "空格" }[part] || part;
        term.append(cap, " ");
      }
      const meaning = document.createElement("dd");
      meaning.textContent = words;
      list.append(term, meaning);
    }
    document.getElementById("help").showModal();
  }

  let begun = -Infinity; // when g was pressed: what counts is when keys are pressed, not when a busy page gets to them
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
    const name = event.key;
    if (event.timeStamp - begun < GO_SECONDS * 1000) {
      begun = -Infinity;
      const link = document.querySelector(`[data-go="${CSS.escape(name)}"]`);
      if (link) {
        event.preventDefault();
        link.click();
        return;
      }
    }
    if (name === "g") {
      begun = event.timeStamp;
      return;
    }
    if (name === "?") {
      event.preventDefault();
      showHelp();
      return;
    }
    const own = keys.get(name);
    const element = own ? null : document.querySelector(`[data-key="${CSS.escape(name)}"]:not([disabled])`);
    if (own || element) {
      event.preventDefault();
      own ? own.action(event) : press(element);
    }
  });

  document.addEventListener("click", (event) => {
    const hit = (what) => event.target.closest(what);
    let found;
    if ((found = hit("[data-dialog]"))) {
      event.preventDefault();
      const dialog = document.querySelector(found.dataset.dialog);
      dialog?.showModal();
      dialog?.querySelector(".dialog-body :is(input:not([type='hidden']), select, textarea)")?.focus();
    } else if ((found = hit("[data-close]"))) {
      found.closest("dialog")?.close();
    } else if (hit("[data-help]")) {
      showHelp();
    } else if ((found = hit("[data-dismiss]"))) {
      found.closest("[data-flash]")?.remove();
    } else if ((found = hit("[data-copy]"))) {
      const text = document.querySelector(found.dataset.copy)?.textContent.trim() || "";
      const copied = navigator.clipboard ? navigator.clipboard.writeText(text) : Promise.reject(new Error());
      copied.then(() => toast("已复制", "good", 2), () => toast("浏览器不允许复制，请手工选取", "warn"));
    } else if (hit("[data-nav-open]")) {
      event.preventDefault();
      document.getElementById("nav").classList.add("is-open");
      document.querySelector("#nav a[href]")?.focus();
    } else if (hit("[data-nav-close]")) {
      event.preventDefault();
      closeNav();
    } else {
      if (document.querySelector("#nav.is-open") && !hit("#nav")) closeNav();
      document.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    }
    if ((found = hit("button[data-confirm]")) && !confirm(found.dataset.confirm)) event.preventDefault();
  });

  function closeNav() {
    document.getElementById("nav")?.classList.remove("is-open");
    document.querySelector("[data-nav-open]")?.focus();
  }

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    if (document.querySelector("#nav.is-open")) closeNav();
    document.querySelectorAll("details.menu[open]").forEach((menu) => { menu.open = false; menu.querySelector("summary").focus(); });
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.confirm && !confirm(form.dataset.confirm)) {
      event.preventDefault();
      return;
    }
    if (form.method === "post" && !event.defaultPrevented) {
      if (form.dataset.sent) event.preventDefault(); // a second click sends nothing twice
      form.dataset.sent = "1";
      setTimeout(() => { delete form.dataset.sent; }, 5000);
    }
  });

  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-check-all]");
    if (all) {
      document.querySelectorAll(`input[type="checkbox"][name="${CSS.escape(all.dataset.checkAll)}"]`).forEach((box) => {
        if (box.checked !== all.checked) box.click();
      });
    }
    const form = event.target.closest("form[data-autosubmit]");
    if (form && event.target.matches("select, input[type='checkbox'], input[type='radio']")) form.requestSubmit();
  });

  // a click on a link would be lost if the page were loaded anew before the link's page has come
  let heldUntil = 0;
  const hold = (seconds) => { heldUntil = Math.max(heldUntil, performance.now() + seconds * 1000); };
  ["pointerdown", "keydown"].forEach((touch) => window.addEventListener(touch, () => hold(HAND_SECONDS), true));
  window.addEventListener("beforeunload", () => hold(LEAVING_SECONDS));

  function refresh() {
    const atWork = performance.now() < heldUntil || document.activeElement?.closest("form, dialog") || document.querySelector("details.menu[open]");
    if (atWork) setTimeout(refresh, 500); else location.reload();
  }

  return { send, toast, key, refresh };
})();

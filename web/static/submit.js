// The submit page: files and folders dropped or chosen are sent piece by piece; one that fails does not stop the others.
(function () {
  "use strict";
  const form = document.getElementById("submit-form");
  if (!form || !window.fetch) return;
  const $ = (id) => document.getElementById(id);
  const PIECE = Number(form.dataset.piece), MOST = Number(form.dataset.most), MOST_BYTES = Number(form.dataset.mostBytes);
  const AT_ONCE = 4, TRIES = 6, SHOWN = 300;
  const SMALL = 512 * 1024, TOGETHER = 40; // files up to so many bytes go together, so many at most
  const csrf = form.elements.csrf.value;

  let upload = null, opening = null, committed = false;
  const items = []; // {number, file, name, size, sent, state: waiting|sending|ok|refused|litter|failed|removed, kind, reason, remark}
  const seen = new Set(); // name and size of what is there: dropped twice, sent once
  let running = 0, cursor = 0, title = "";

  $("pick-files").removeAttribute("name"); // sent piece by piece, not with the form

  // what is dropped or chosen

  $("pick-files").addEventListener("change", (event) => { add(Array.from(event.target.files), (file) => file.name); event.target.value = ""; });
  $("pick-folder").addEventListener("change", (event) => { add(Array.from(event.target.files), (file) => file.webkitRelativePath || file.name); event.target.value = ""; });
  const drop = $("drop");
  let inside = 0;
  const over = (on) => drop.classList.toggle("is-over", on);
  document.addEventListener("dragenter", (event) => { event.preventDefault(); inside += 1; over(true); });
  document.addEventListener("dragleave", () => { inside = Math.max(0, inside - 1); if (!inside) over(false); });
  document.addEventListener("dragover", (event) => { event.preventDefault(); event.dataTransfer.dropEffect = "copy"; });
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    inside = 0;
    over(false);
    const data = event.dataTransfer;
    const entries = Array.from(data.items || []).map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry()).filter(Boolean);
    if (!entries.length) return add(Array.from(data.files), (file) => file.name);
    hint("正在查看文件夹……");
    const found = [];
    for (const entry of entries) await walk(entry, found);
    hint("");
    add(found.map((one) => one.file), (_, at) => found[at].name);
  });

  async function walk(entry, found) {
    if (entry.isFile) {
      await new Promise((done) => entry.file((file) => { found.push({ file, name: entry.fullPath.replace(/^\//, "") }); done(); }, () => {
        found.push({ file: null, name: entry.fullPath.replace(/^\//, "") });
        done();
      }));
    } else if (entry.isDirectory) {
      const reader = entry.createReader();
      for (;;) { // gives a hundred at a time
        const some = await new Promise((done) => reader.readEntries(done, () => done([])));
        if (!some.length) break;
        for (const child of some) await walk(child, found);
      }
    }
  }

  function add(files, nameOf) {
    if (!files.length) return;
    const room = MOST - items.length;
    if (files.length > room) {
      fault("一次最多提交 " + MOST.toLocaleString() + " 个文件；多出的 " + (files.length - room) + " 个没有加入，请分几次提交");
      files = files.slice(0, room);
    }
    const named = files.map((file, at) => ({ file, name: nameOf(file, at) }));
    named.sort((one, other) => one.name.localeCompare(other.name, "zh-CN", { numeric: true }));
    named.forEach(({ file, name }) => {
      if (!title) title = name.includes("/") ? name.split("/")[0] : name.replace(/\.[^.]+$/, "");
      const key = name + "\n" + (file ? file.size : -1);
      if (seen.has(key)) return;
      seen.add(key);
      const item = { number: items.length, file, name, size: file ? file.size : 0, sent: 0, state: "waiting", kind: "", reason: "", remark: "" };
      if (!file) { item.state = "failed"; item.reason = "浏览器打不开这个文件"; }
      items.push(item);
    });
    if (items.reduce((sum, item) => sum + item.size, 0) > MOST_BYTES) fault("合计超过 " + Math.round(MOST_BYTES / 2 ** 30) + " GB，装不下的会被拒收；请分几次提交");
    if (!form.elements.title.value) form.elements.title.placeholder = title;
    $("upload").hidden = false;
    $("all-files").hidden = false;
    drop.classList.add("is-small");
    $("give-up").hidden = false;
    draw();
    pump();
  }

  // sending

  function open() {
    if (!opening) {
      opening = ask("POST", "/submit/uploads", new FormData()).then((said) => { upload = said.id; }).catch((error) => { opening = null; throw error; });
    }
    return opening;
  }
  async function ask(method, address, body) {
    if (body instanceof FormData) body.set("csrf", csrf);
    const answer = await fetch(address, { method, body, headers: { "X-CSRF-Token": csrf, Accept: "application/json" }, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 401) throw Object.assign(new Error("登录已失效，请在新窗口登录后重试"), { final: true });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) {
      const error = new Error((said.error && said.error.message) || "服务器没有收下（" + answer.status + "）");
      error.status = answer.status;
      error.expected = said.expected;
      error.wait = Number(answer.headers.get("Retry-After")) || 0;
      error.final = answer.status >= 400 && answer.status < 500 && ![408, 409, 425, 429].includes(answer.status);
      throw error;
    }
    return said;
  }
  const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

  function pump() {
    while (running < AT_ONCE && cursor < items.length) {
      const group = taken();
      if (!group.length) continue;
      running += 1;
      (group.length > 1 ? sendSeveral(group) : send(group[0])).finally(() => { running -= 1; pump(); later(); });
    }
  }
  // the next file, or the next small ones, which go together
  function taken() {
    const group = [];
    let bytes = 0;
    while (cursor < items.length && group.length < TOGETHER) {
      const item = items[cursor];
      if (item.state === "waiting") {
        if (group.length && (item.size > SMALL || item.sent || bytes + item.size > PIECE)) break;
        group.push(item);
        bytes += item.size;
        item.state = "sending";
      }
      cursor += 1;
      if (group.length && (group[0].size > SMALL || group[0].sent)) break;
    }
    return group;
  }
  async function sendSeveral(group) {
    const list = new TextEncoder().encode(JSON.stringify(group.map(({ number, name, size }) => ({ number, name, size }))));
    const length = new DataView(new ArrayBuffer(4));
    length.setUint32(0, list.length);
    const body = new Blob([length, list, ...group.map((item) => item.file)]);
    for (let tries = 1; ; tries += 1) {
      try {
        await open();
        const said = await ask("POST", "/submit/uploads/" + upload + "/files", body);
        group.forEach((item, at) => settle(item, said.files[at]));
        break;
      } catch (error) {
        if (error.final || tries >= TRIES || error.name === "NotReadableError") {
          group.forEach((item) => { if (item.state === "sending") item.state = "waiting"; });
          for (const item of group) if (item.state === "waiting") await send(item); // one of them may be the cause
          return;
        }
        group.forEach((item) => { item.reason = "网络中断，正在重试（第 " + tries + " 次）"; });
        later();
        await pause(error.wait || Math.min(2 ** tries / 2, 15));
        group.forEach((item) => { item.reason = ""; });
      }
    }
    for (const item of group) if (item.state === "sending") await send(item); // begun before, and to be gone on with
  }
  function settle(item, said) {
    if (item.state === "removed") return;
    if (said.state === "partial") { item.sent = said.received; return; }
    Object.assign(item, { state: said.state, kind: said.kind || "", reason: said.reason || "", remark: said.remark || "", sent: item.size });
  }
  async function send(item) {
    item.state = "sending";
    let tries = 0;
    for (;;) {
      try {
        await open();
        const query = new URLSearchParams({ name: item.name, offset: item.sent, total: item.size });
        const said = await ask("PUT", "/submit/uploads/" + upload + "/files/" + item.number + "?" + query, item.file.slice(item.sent, item.sent + PIECE));
        tries = 0;
        if (item.state === "removed") return;
        if (said.state === "partial") { item.sent = said.received; later(); continue; }
        settle(item, said);
        return;
      } catch (error) {
        if (item.state === "removed") return;
        if (error.status === 409 && typeof error.expected === "number") { item.sent = error.expected; if (++tries < TRIES) continue; }
        tries += 1;
        if (error.final || tries >= TRIES || error.name === "NotReadableError") {
          item.state = "failed";
          item.reason = error.name === "NotReadableError" ? "文件在上传时被改动或打不开" : error.message === "Failed to fetch" ? "网络不通" : error.message;
          return;
        }
        item.reason = "网络中断，正在重试（第 " + tries + " 次）";
        later();
        await pause(error.wait || Math.min(2 ** tries / 2, 15));
        item.reason = "";
      }
    }
  }
  function again(item) {
    Object.assign(item, { state: "waiting", reason: "" });
    cursor = Math.min(cursor, item.number);
    pump();
    later();
  }
  function remove(item) {
    const was = item.state;
    item.state = "removed";
    seen.delete(item.name + "\n" + (item.file === null && !item.size ? -1 : item.size));
    if (upload && was !== "waiting") ask("DELETE", "/submit/uploads/" + upload + "/files/" + item.number).catch(() => {});
    later();
  }

  // showing

  let due = 0;
  function later() {
    if (!due) due = setTimeout(() => { due = 0; draw(); }, 150);
  }
  const mb = (bytes) => (bytes >= 1 << 30 ? (bytes / 2 ** 30).toFixed(2) + " GB" : bytes >= 1 << 20 ? (bytes / 2 ** 20).toFixed(1) + " MB" : Math.ceil(bytes / 1024) + " KB");
  const WORDS = { waiting: "等待上传", sending: "上传中", ok: "", refused: "读不了", litter: "不核查", failed: "没传上" };

  function line(item) {
    const row = document.createElement("li");
    row.className = "file is-" + item.state;
    const name = document.createElement("span");
    name.className = "name";
    name.textContent = item.name;
    const about = document.createElement("span");
    about.className = "about";
    const state = item.state === "sending" && item.size ? "上传中 " + Math.floor((100 * item.sent) / item.size) + "%" : WORDS[item.state];
    about.textContent = [item.kind && item.state === "ok" ? item.kind : "", mb(item.size), state].filter(Boolean).join("　");
    row.append(name, about);
    const words = (item.reason || item.remark).replace(item.name + "：", "");
    if (words) {
      const said = document.createElement("span");
      said.className = item.reason ? "said fault" : "said faint";
      said.textContent = words;
      row.append(said);
    }
    const buttons = document.createElement("span");
    buttons.className = "buttons";
    if (item.state === "failed" && item.file) buttons.append(button("重传", () => again(item)));
    buttons.append(button("移除", () => remove(item)));
    row.append(buttons);
    return row;
  }
  function button(words, action) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "button small plain";
    made.textContent = words;
    made.addEventListener("click", action);
    return made;
  }
  function draw() {
    const here = items.filter((item) => item.state !== "removed");
    const faults = here.filter((item) => item.state === "refused" || item.state === "failed");
    const busy = here.filter((item) => item.state === "waiting" || item.state === "sending");
    const total = here.reduce((sum, item) => sum + item.size, 0), sent = here.reduce((sum, item) => sum + (["ok", "litter", "refused"].includes(item.state) ? item.size : item.sent), 0);
    $("upload-bar").value = total ? sent / total : here.length && !busy.length ? 1 : 0;
    $("upload-words").textContent = "共 " + here.length.toLocaleString() + " 个文件，" + mb(sent) + " / " + mb(total) + (busy.length ? "，还有 " + busy.length.toLocaleString() + " 个" : "，已全部传完") + (faults.length ? "；" + faults.length + " 个有问题" : "");
    $("upload-faults").hidden = !faults.length;
    $("fault-count").textContent = faults.length;
    $("fault-list").replaceChildren(...faults.slice(0, SHOWN).map(line));
    $("file-count").textContent = here.length.toLocaleString();
    const rest = here.filter((item) => item.state !== "refused" && item.state !== "failed");
    const first = rest.filter((item) => item.state === "sending").concat(rest.filter((item) => item.state !== "sending"));
    if ($("all-files").open) $("file-list").replaceChildren(...first.slice(0, SHOWN).map(line));
    $("file-rest").hidden = rest.length <= SHOWN;
    $("file-rest").textContent = "另有 " + (rest.length - SHOWN).toLocaleString() + " 个没有列出";
    $("submit-button").disabled = committing || !here.some((item) => item.state !== "litter") || busy.length > 0;
    hint(committing ? hinted : busy.length ? "传完就可以开始" : faults.some((item) => item.state === "failed") ? "没传上的文件请重传或移除，否则不在这一批里" : "");
  }
  let hinted = "";
  function hint(words) { hinted = words; $("submit-hint").textContent = words; }
  function fault(words) { $("submit-fault").querySelector("[role=alert]").textContent = words; $("submit-fault").hidden = !words; }
  $("all-files").addEventListener("toggle", draw);

  // handing in

  let committing = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (committing) return;
    if (!items.some((item) => item.state !== "removed")) { fault("请先选择文件"); return; }
    const lost = items.filter((item) => item.state === "failed").length;
    if (lost && !window.confirm("有 " + lost + " 个文件没传上，不会在这一批里。仍要开始吗？")) return;
    committing = true;
    fault("");
    draw();
    try {
      const body = new FormData(form);
      if (!body.get("title")) body.set("title", title || "未命名批次");
      hint("正在接收……");
      await ask("POST", "/submit/uploads/" + upload + "/commit", body);
      committed = true;
      for (;;) {
        const said = await ask("GET", "/submit/uploads/" + upload).catch((error) => { if (error.final) throw error; return null; });
        if (said && said.progress.state === "done") { location.href = "/batches/" + upload; return; }
        if (said && said.progress.state === "failed") throw new Error(said.progress.reason);
        if (said) hint(said.progress.step + (said.progress.total ? "，" + said.progress.done + " / " + said.progress.total : "") + "……");
        await pause(1);
      }
    } catch (error) {
      committing = false;
      committed = false;
      fault(error.message === "Failed to fetch" ? "网络不通；请稍后再点“开始核查”，已传的文件不用重传" : error.message);
      draw();
    }
  });
  $("give-up").addEventListener("click", () => {
    if (!window.confirm("放弃这次提交？已传的文件会从服务器删除。")) return;
    abandon();
    location.href = "/submit";
  });
  function abandon() {
    if (!upload || committed) return;
    const body = new FormData();
    body.set("csrf", csrf);
    navigator.sendBeacon("/submit/uploads/" + upload + "/abandon", body);
    upload = null;
    committed = true;
  }
  window.addEventListener("beforeunload", (event) => {
    if (upload && !committed && !committing && items.some((item) => item.state !== "removed")) event.preventDefault();
  });
  window.addEventListener("pagehide", (event) => { if (!event.persisted && !committing) abandon(); });
})();

// Extras of every page: nothing here is needed to read or to send a form.
(() => {
  const root = document.documentElement;

  // Selects that send their form.
  document.addEventListener("change", (event) => {
    if (event.target.matches("select[data-submits]")) event.target.form.requestSubmit();
  });

  // Times in the browser's zone, and buttons that copy.
  const improve = (part) => {
    for (const time of part.querySelectorAll("time[datetime]:not([data-local])")) {
      const at = new Date(time.getAttribute("datetime"));
      if (isNaN(at)) continue;
      time.dataset.local = "";
      time.textContent = at.toLocaleString(root.lang, { dateStyle: "medium", timeStyle: "medium" });
    }
    if (navigator.clipboard) for (const button of part.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
  };
  const ready = () => improve(document);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", ready);
  else ready();
  for (const name of ["htmx:after:swap", "htmx:sse:after:message"]) document.addEventListener(name, ready);
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("button[data-copy]");
    if (!button) return;
    const { copy, copyFrom } = button.dataset;
    await navigator.clipboard.writeText(copyFrom ? document.querySelector(copyFrom).textContent : copy);
    const text = button.textContent;
    button.textContent = document.body.dataset.copied;
    setTimeout(() => { button.textContent = text; }, 1500);
  });

  // Live pages say when they are not.
  const notLive = document.getElementById("not-live");
  if (notLive) {
    const usual = notLive.textContent;
    let timer;
    const silent = (text, after) => {
      clearTimeout(timer);
      timer = setTimeout(() => { notLive.textContent = text; notLive.hidden = false; }, after);
    };
    silent(usual, 10000);
    document.addEventListener("htmx:sse:after:connection", () => { clearTimeout(timer); notLive.hidden = true; });
    document.addEventListener("htmx:sse:error", () => silent(usual, 10000));
    document.addEventListener("bye", () => silent(notLive.dataset.restarting, 0));
  }

  // Keys, unless something is being typed.
  let first = false;
  const keysOn = () => localStorage.getItem("tastemaker-keys") !== "off";
  const keys = document.getElementById("keys");
  const use = keys?.querySelector("[data-keys-use]");
  const openKeys = () => { use.checked = keysOn(); keys.showModal(); };
  use?.addEventListener("change", () => localStorage.setItem("tastemaker-keys", use.checked ? "on" : "off"));
  for (const button of document.querySelectorAll("[data-keys-open]")) {
    button.hidden = false;
    button.addEventListener("click", openKeys);
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input,select,textarea,[contenteditable]")) return;
    if (!keysOn()) return;
    const go = (target) => { if (target) { event.preventDefault(); target.matches("a") ? target.click() : target.focus(); } };
    if (first) go(document.querySelector(`nav.side a[data-key="${CSS.escape(event.key)}"]`));
    else if (event.key === "/") go(document.querySelector("input[type=search]"));
    else if (event.key === "?") keys && openKeys();
    first = !first && event.key === "g";
  });

  // A form is sent when the session is there; else a login comes first.
  const dialog = document.getElementById("log-in");
  let waiting;
  const send = (form, button) => { form.dataset.checked = ""; form.requestSubmit(button); };
  dialog?.querySelector("[data-closes]").addEventListener("click", () => dialog.close());
  if (dialog) document.addEventListener("submit", async (event) => {
    const form = event.target, button = event.submitter;
    const held = () => { event.preventDefault(); event.stopImmediatePropagation(); };
    if (dialog.contains(form)) {
      held();
      const wrong = form.querySelector(".error");
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
      wrong.hidden = answer.type === "opaqueredirect";
      if (wrong.hidden) { dialog.close(); send(...waiting); }
      return;
    }
    if (form.method !== "post" || "checked" in form.dataset) { delete form.dataset.checked; return; }
    held();
    form.classList.add("htmx-request");
    const session = await fetch(`${document.body.dataset.base}/session`, { headers: { "hx-request": "true" } }).catch(() => null);
    form.classList.remove("htmx-request");
    if (session?.status === 401) { waiting = [form, button]; dialog.showModal(); }
    else send(form, button);
  }, true);
})();

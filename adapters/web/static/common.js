// What both pages share: sending without leaving the page, notices, streams. Everything works without it, too.

export const freshId = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** A form's fields as they are now, to be posted: with files in the way that takes them, else in the short one. */
export function fieldsOf(form, submitter, changes = {}) {
  const fields = new FormData(form);
  if (submitter?.name) fields.set(submitter.name, submitter.value);
  for (const [name, value] of Object.entries(changes)) fields.set(name, value);
  const files = fields.getAll("file").filter((file) => file.name);
  if (files.length) return fields;
  fields.delete("file");
  return new URLSearchParams(fields);
}

/** Send a form's fields; {ok, status, data}. A failed connection is status 0. */
export const send = (form, submitter, changes = {}) =>
  post(submitter?.hasAttribute("formaction") ? submitter.formAction : form.action, fieldsOf(form, submitter, changes));

export async function post(address, fields) {
  try {
    const response = await fetch(address, {
      method: "POST",
      body: fields,
      headers: { Accept: "application/json" },
      redirect: "error",
    });
    const data = await response.json().catch(() => ({}));
    return { ok: response.ok, status: response.status, data };
  } catch {
    return { ok: false, status: 0, data: {} };
  }
}

/** Elements of HTML that our own server made. */
export function elements(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return [...template.content.children];
}

const TOAST_SECONDS = 9;

export function toast(content, kind = "") {
  const box = document.createElement("div");
  box.className = `toast ${kind}`;
  if (typeof content === "string") {
    const line = document.createElement("p");
    line.dir = "auto";
    line.textContent = content;
    box.append(line);
  } else {
    box.append(...content);
  }
  const shelf = document.getElementById("toasts");
  shelf.append(box);
  while (shelf.children.length > 3) shelf.firstElementChild.remove();
  let timer = setTimeout(() => box.remove(), TOAST_SECONDS * 1000);
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("pointerleave", () => (timer = setTimeout(() => box.remove(), 3000)));
}

/** A stream that is closed while nobody looks, so that many tabs do not use up a browser's connections. */
export function stream(address, handlers) {
  const HIDDEN_SECONDS = 60;
  let source = null;
  let timer = 0;
  const open = () => {
    if (source && source.readyState !== EventSource.CLOSED) return;
    source = new EventSource(address());
    for (const [name, handle] of Object.entries(handlers)) source.addEventListener(name, handle);
  };
  const close = () => {
    source?.close();
    source = null;
  };
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (document.hidden) timer = setTimeout(close, HIDDEN_SECONDS * 1000);
    else open();
  });
  // A server that refuses for a moment makes browsers give up.
  setInterval(() => {
    if (!document.hidden) open();
  }, 5000);
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}

// What the desk promises by a clock time it writes in the reader's zone, which only the browser knows.
const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone ?? "");
document.cookie = `guichet_zone=${zone}; path=/; max-age=31536000; samesite=lax`;

/** Clock times in the zone of whoever reads them: the desk wrote its own. */
export function ownClock(root) {
  const language = document.documentElement.lang;
  const hour = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  for (const time of root.querySelectorAll("time.clock")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const today = at.toDateString() === new Date().toDateString();
    time.textContent = at.toLocaleString(language, today ? hour : { day: "numeric", month: "short", ...hour });
  }
  if (document.documentElement.dataset.zone === Intl.DateTimeFormat().resolvedOptions().timeZone) return;
  for (const time of root.querySelectorAll("time.due")) {
    const day = { weekday: "short", day: "numeric", month: "short" };
    const own = new Date(time.dateTime).toLocaleString(language, { ...day, ...hour });
    time.textContent = time.textContent.replace(time.dataset.said, own);
  }
}

/** The files of a form: chosen, pasted or dropped. Their names are shown, and can be put away again. */
export function filesOf(form) {
  const input = form.querySelector('input[type="file"]');
  if (!input) return { names: () => [], set: () => {}, all: () => [] };
  const shown = form.querySelector(".chosen");
  const names = () => [...input.files].map((file) => file.name);
  const show = () => {
    shown.hidden = !input.files.length;
    shown.querySelector(".names").textContent = names().join(", ");
  };
  const set = (files) => {
    const all = new DataTransfer();
    for (const file of files) all.items.add(file);
    input.files = all.files;
    show();
  };
  const takes = (event) => event.dataTransfer?.types.includes("Files");
  input.addEventListener("change", show);
  shown.querySelector("button").addEventListener("click", () => set([]));
  form.addEventListener("paste", (event) => {
    if (!event.clipboardData?.files.length) return;
    event.preventDefault();
    set([...input.files, ...event.clipboardData.files]);
  });
  form.addEventListener("dragover", (event) => {
    if (!takes(event)) return;
    event.preventDefault();
    form.classList.add("dropping");
  });
  form.addEventListener("dragleave", () => form.classList.remove("dropping"));
  form.addEventListener("drop", (event) => {
    form.classList.remove("dropping");
    if (!takes(event)) return;
    event.preventDefault();
    set([...input.files, ...event.dataTransfer.files]);
  });
  show();
  return { names, set, all: () => [...input.files] };
}

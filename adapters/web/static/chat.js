// The chat: what is sent appears at once, what is answered comes by a stream, ids that are known are replaced.

import { elements, fieldsOf, filesOf, freshId, ownClock, post, stream, toast } from "./common.js";

const CUE_AFTER = 1000;
const PATIENCE = 60000;
const INTERRUPTED_AFTER = 4000;
const page = document.getElementById("chat");
const log = document.getElementById("log");
const composer = document.getElementById("composer");
const text = document.getElementById("text");
const cue = document.getElementById("cue");
const trouble = document.getElementById("trouble");
const said = document.getElementById("said");
const connection = document.getElementById("connection");
const texts = JSON.parse(log.dataset.texts);
const files = filesOf(composer);
const waiting = new Map(); // form id -> timers
let after = log.dataset.after;
let unread = 0;
let asked = false; // something was just sent: its answer is scrolled to, wherever a scroll under way has got to
const title = document.title;

const isAtEnd = () => innerHeight + scrollY >= document.documentElement.scrollHeight - 160;

function toEnd() {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  scrollTo({ top: document.documentElement.scrollHeight, behavior: calm ? "auto" : "smooth" });
}

/** What is longer than the window is read from its beginning. */
function toItem(item) {
  if (item.offsetHeight < innerHeight * 0.6) return toEnd();
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const from = item.previousElementSibling?.dataset.author === "person" ? item.previousElementSibling : item;
  from.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

function showTrouble(message) {
  trouble.textContent = message ?? "";
  trouble.hidden = !message;
}

function await_(id) {
  const late = () => {
    cue.hidden = false;
    if (isAtEnd()) toEnd();
  };
  const given = () => {
    answered(id);
    showTrouble(texts.no_answer);
  };
  waiting.set(id, [setTimeout(late, CUE_AFTER), setTimeout(given, PATIENCE)]);
}

function answered(id) {
  waiting.get(id)?.forEach(clearTimeout);
  waiting.delete(id);
  if (!waiting.size) cue.hidden = true;
}

/** What a person sent, before the desk has it. */
function sketch(id, words, isClick, names) {
  const item = document.createElement("article");
  item.className = `item person pending${isClick ? " click" : ""}`;
  item.id = `p-${id}`;
  item.dataset.form = id;
  item.dataset.author = "person";
  const by = document.createElement("h3");
  by.className = "by";
  by.textContent = `${texts.person} · ${texts.now}`;
  const body = document.createElement("div");
  body.className = "body";
  const prose = document.createElement("div");
  prose.className = "prose";
  const line = document.createElement("p");
  line.dir = "auto";
  line.textContent = words;
  if (words) prose.append(line);
  for (const name of names) {
    const file = document.createElement("p");
    file.dir = "auto";
    file.textContent = `📎 ${name}`;
    prose.append(file);
  }
  body.append(prose);
  item.append(by, body);
  return item;
}

/** What is said; its buttons come and go. */
const wordsOf = (item) => [...item.querySelectorAll(".body > :not(.offer)")].map((one) => one.innerText).join("\n");

/** To those who hear the page, once: what the desk says, and no more than that of what changes there. */
function readOut(item) {
  if (item.dataset.author === "person") return;
  const line = document.createElement("p");
  line.lang = item.querySelector(".body").lang;
  line.textContent = `${item.querySelector(".by span").textContent}: ${item.querySelector(".body").innerText}`;
  said.append(line);
  while (said.children.length > 5) said.firstElementChild.remove();
}

function place(item) {
  const sketched = item.dataset.author === "person" && log.querySelector(`.pending[data-form="${CSS.escape(item.dataset.form)}"]`);
  const known = document.getElementById(item.id) ?? sketched;
  if (known) {
    if (known.innerHTML === item.innerHTML) return;
    const before = wordsOf(known);
    known.replaceWith(item);
    if (wordsOf(item) !== before) readOut(item);
    return;
  }
  // What was overtaken by a newer offer can no longer be pressed.
  if (item.querySelector(".offer")) log.querySelectorAll(".offer").forEach((offer) => offer.remove());
  item.classList.add("fresh");
  log.append(item);
  page.classList.remove("fresh");
  readOut(item);
  if (item.dataset.author !== "person") {
    if (item.dataset.form) answered(item.dataset.form);
    else [...waiting.keys()].forEach(answered); // an apology names no message
    showTrouble();
    if (document.hidden) document.title = `(${++unread}) ${title}`;
  }
}

function arrived(event) {
  const follow = asked || isAtEnd();
  after = event.lastEventId || after;
  const items = elements(event.data);
  items.forEach(ownClock);
  items.forEach(place);
  if (items.some((item) => item.dataset.author !== "person")) asked = false;
  if (follow && items.length) toItem(document.getElementById(items[items.length - 1].id));
}

async function submit(form, submitter, words, isClick, names = []) {
  const id = freshId();
  const changes = form === composer ? { id, text: words } : { id };
  const fields = fieldsOf(form, submitter, changes);
  if (form === composer) files.set([]);
  const item = sketch(id, words, isClick, names);
  log.append(item);
  page.classList.remove("fresh");
  showTrouble();
  await_(id);
  asked = true;
  toEnd();
  let sent = await post(form.action, fields);
  if (!sent.ok && (sent.status === 0 || sent.status === 503)) sent = await post(form.action, fields); // the same id: never twice
  if (sent.ok) {
    listen();
    return true;
  }
  item.remove();
  answered(id);
  showTrouble(sent.data.message ?? texts.not_sent);
  return false;
}

composer.addEventListener("submit", async (event) => {
  event.preventDefault();
  const words = text.value.trim();
  const chosen = files.all();
  if (!words && !chosen.length) return text.focus();
  text.value = "";
  fit();
  if (!(await submit(composer, null, words, false, files.names())) && !text.value) {
    text.value = words;
    files.set([...chosen, ...files.all()]);
    fit();
  }
  text.focus({ preventScroll: true });
});

document.querySelector(".examples")?.addEventListener("submit", (event) => {
  event.preventDefault();
  submit(event.target, event.submitter, event.submitter.value, false);
  text.focus({ preventScroll: true });
});

log.addEventListener("submit", async (event) => {
  event.preventDefault();
  const offer = event.target;
  const buttons = [...offer.querySelectorAll("button")];
  buttons.forEach((button) => (button.disabled = true));
  text.focus({ preventScroll: true });
  if (await submit(offer, event.submitter, event.submitter.textContent.trim(), true)) offer.remove();
  else buttons.forEach((button) => (button.disabled = false));
});

text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    composer.requestSubmit();
  }
});

function fit() {
  text.rows = Math.min(8, Math.max(1, text.value.split("\n").length, Math.ceil(text.value.length / 60)));
}
text.addEventListener("input", fit);

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    unread = 0;
    document.title = title;
  }
});
addEventListener("offline", () => toast(texts.offline, "refused"));

ownClock(document);
// Who only looks at a page that anybody may open holds no connection.
let listening = false;
let interrupted = 0;
function listen() {
  const handlers = { item: arrived, open: () => showConnection(true), error: () => showConnection(false) };
  if (!listening) stream(() => `${log.dataset.stream ?? "/stream"}?after=${after}`, handlers);
  listening = true;
}

/** What is interrupted for a moment only is not worth a word. */
function showConnection(good) {
  if (good) {
    clearTimeout(interrupted);
    interrupted = 0;
    connection.hidden = true;
    connection.textContent = "";
  } else if (!interrupted) {
    interrupted = setTimeout(() => {
      connection.hidden = false;
      connection.textContent = texts.connection_lost;
    }, INTERRUPTED_AFTER);
  }
}

if (!("later" in log.dataset)) listen();
// Where something is to be read or filled in first, the page opens there.
const first = document.querySelector("[autofocus]") ?? document.getElementById(location.hash.slice(1));
if (first && first !== composer) {
  first.focus();
} else {
  if (log.children.length) scrollTo(0, document.documentElement.scrollHeight);
  const isToBeRead = "later" in log.dataset; // a page that somebody opens for the first time
  if (!isToBeRead && !matchMedia("(pointer: coarse)").matches) text.focus({ preventScroll: true });
}

// The technicians' pages: the changing part is replaced as it changes; what is pressed is answered in a toast.

import { elements, filesOf, freshId, ownClock, send, stream, toast } from "./common.js";

const page = document.getElementById("desk");
const live = document.getElementById("live");
const work = document.getElementById("work");
const texts = JSON.parse(page.dataset.texts);

const isBusy = (part) => part.querySelector("details[data-name][open]") !== null;
const late = new Map(); // a part in which something is open -> its newer version, for when that is folded

/** Put the new version in the old one's place, part by part: what somebody has opened to fill in stays as it is, and
 * whoever was on a button or a link stays on it. */
function renew(event) {
  const now = document.activeElement;
  const held = live.contains(now) ? (now.closest("form")?.getAttribute("action") ?? now.getAttribute("href")) : null;
  const log = live.querySelector(".log");
  const before = new Set([...live.querySelectorAll(".item")].map((item) => item.id));
  const unfolded = [...live.querySelectorAll(".item details[open]")].map((one) => one.closest(".item").id);
  const fresh = elements(event.data);
  ownClock({ querySelectorAll: (wanted) => fresh.flatMap((part) => [...part.querySelectorAll(wanted)]) });
  const parts = [...live.children];
  if (parts.length !== fresh.length) live.replaceChildren(...fresh);
  else parts.forEach((part, at) => (isBusy(part) ? late.set(part, fresh[at]) : part.replaceWith(fresh[at])));
  for (const id of unfolded) document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
  if (log) live.querySelectorAll(".item").forEach((item) => before.has(item.id) || item.classList.add("fresh"));
  if (held && !live.contains(document.activeElement)) {
    const form = [...live.querySelectorAll("form")].find((one) => one.getAttribute("action") === held);
    const link = [...live.querySelectorAll("a")].find((one) => one.getAttribute("href") === held);
    (form?.querySelector("button") ?? link)?.focus({ preventScroll: true });
  }
  const head = live.querySelector(".ticket-head");
  if (work && head) {
    work.toggleAttribute("data-closed", head.dataset.active === "no");
    if (head.dataset.active === "no") work.querySelector('[value="note"]').checked = true;
  }
}

/** What was not put in place while somebody was filling something in is put there now. */
function settle() {
  for (const [part, fresh] of late) {
    if (live.contains(part) && isBusy(part)) continue;
    late.delete(part);
    const name = part.contains(document.activeElement) && document.activeElement.closest("details")?.dataset.name;
    part.replaceWith(fresh);
    if (name) fresh.querySelector(`[data-name="${name}"] summary`)?.focus({ preventScroll: true });
  }
}

/** Fold what was opened; whoever was in it goes back to where it was opened from. */
function fold(opened) {
  for (const one of opened) {
    const inside = one.contains(document.activeElement);
    one.removeAttribute("open");
    if (inside) one.querySelector("summary").focus({ preventScroll: true });
  }
  settle();
}

const opened = () => [...live.querySelectorAll("details[data-name][open]")];

async function command(form, submitter) {
  const sent = await send(form, submitter, { id: freshId() });
  if (!sent.ok) {
    toast(sent.data.message ?? texts.not_sent, "refused");
    return false;
  }
  if (sent.data.html) toast(elements(sent.data.html), sent.data.done ? "done" : "refused");
  return sent.data.done || sent.data.kept;
}

live.addEventListener("submit", async (event) => {
  if (event.target.method !== "post" || event.target.matches(".plain")) return;
  event.preventDefault();
  const button = event.submitter;
  const sheet = event.target.closest("details[data-name]");
  button.disabled = true;
  if (await command(event.target, button)) {
    event.target.reset();
    if (sheet) fold([sheet]); // and none that was opened meanwhile
  }
  button.disabled = false;
});

// A press that can be taken back is answered with the button that does.
document.getElementById("toasts").addEventListener("submit", async (event) => {
  event.preventDefault();
  const box = event.target.closest(".toast");
  event.submitter.disabled = true;
  await command(event.target, event.submitter);
  box.remove();
});

live.addEventListener("toggle", (event) => event.target.open || settle(), true);
document.addEventListener("pointerdown", (event) => {
  const within = event.target.closest("details[data-name]");
  fold(opened().filter((one) => one !== within));
});
document.addEventListener("keydown", (event) => event.key === "Escape" && fold(opened()));

const files = work && filesOf(work);
work?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!work.elements.text.value.trim() && !files.all().length) return work.elements.text.focus();
  const button = work.querySelector("button");
  button.disabled = true;
  if (await command(work, null)) {
    work.elements.text.value = "";
    files.set([]);
    if (!work.hasAttribute("data-closed")) work.querySelector('[value="reply"]').checked = true;
    work.parentElement.querySelector(".outcome")?.remove();
  }
  button.disabled = false;
});

work?.elements.text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) work.requestSubmit();
});

ownClock(live);
stream(() => page.dataset.stream, { live: renew, notice: (event) => toast(elements(event.data), "notice") });
addEventListener("offline", () => toast(texts.offline, "refused"));

// The technicians' pages: the changing part is replaced as it changes; what is pressed is answered in a toast.

import { elements, freshId, ownClock, send, stream, toast } from "./common.js";

const page = document.getElementById("desk");
const live = document.getElementById("live");
const work = document.getElementById("work");
const texts = JSON.parse(page.dataset.texts);

/** Put the new version in the old one's place; whoever was on a button or a link stays on it. */
function renew(event) {
  const now = document.activeElement;
  const held = live.contains(now) ? (now.closest("form")?.getAttribute("action") ?? now.getAttribute("href")) : null;
  const log = live.querySelector(".log");
  const before = new Set([...live.querySelectorAll(".item")].map((item) => item.id));
  const unfolded = [...live.querySelectorAll("details[open]")].map((one) => one.closest(".item").id);
  live.replaceChildren(...elements(event.data));
  ownClock(live);
  for (const id of unfolded) document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
  if (log) live.querySelectorAll(".item").forEach((item) => before.has(item.id) || item.classList.add("fresh"));
  if (held) {
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

async function command(form, submitter) {
  const sent = await send(form, submitter, { id: freshId() });
  if (!sent.ok) {
    toast(sent.data.message ?? texts.not_sent, "refused");
    return false;
  }
  toast(elements(sent.data.html), sent.data.done ? "done" : "refused");
  return sent.data.done;
}

live.addEventListener("submit", async (event) => {
  if (event.target.method !== "post") return;
  event.preventDefault();
  const button = event.submitter;
  button.disabled = true;
  await command(event.target, button);
  button.disabled = false;
});

work?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const button = work.querySelector("button");
  button.disabled = true;
  if (await command(work, null)) {
    work.elements.text.value = "";
    if (!work.hasAttribute("data-closed")) work.querySelector('[value="reply"]').checked = true;
    work.parentElement.querySelector(".outcome")?.remove();
  }
  button.disabled = false;
});

work?.elements.text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) work.requestSubmit();
});

ownClock(live);
stream(() => page.dataset.stream, { live: renew, notice: (event) => toast(event.data, "notice") });
addEventListener("offline", () => toast(texts.offline, "refused"));

// What all pages of the contact page need beside the chat: they are not shown to whoever comes next, and say so at once
// where nothing can be sent from.

import "./common.js";

// Other tabs of this browser are of the same visitor, who has left.
const tabs = "BroadcastChannel" in window ? new BroadcastChannel("guichet-contact") : null;
if (document.querySelector("[data-left]")) tabs?.postMessage("left");
else tabs?.addEventListener("message", () => location.reload());

// A page that the browser kept as it was may be somebody else's by now.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// The address for another browser: plain text that can be selected; with scripts it is copied, or handed to another app.
const address = document.getElementById("address");
const copy = document.getElementById("copy");
if (address && copy) {
  const share = document.getElementById("share");
  const done = document.getElementById("address-done");
  document.getElementById("address-acts").hidden = false;
  copy.addEventListener("click", async () => {
    let copied = true;
    try {
      await navigator.clipboard.writeText(address.textContent);
    } catch {
      getSelection().selectAllChildren(address); // browsers inside apps may not let pages write there
      copied = document.execCommand("copy");
    }
    done.textContent = ""; // said again when it is done again
    requestAnimationFrame(() => (done.textContent = copied ? copy.dataset.done : copy.dataset.failed));
  });
  if (navigator.share) {
    share.hidden = false;
    share.addEventListener("click", () => navigator.share({ url: address.textContent }).catch(() => {}));
  }
}

const warning = document.getElementById("no-cookies");
if (warning && !navigator.cookieEnabled) warning.hidden = false;

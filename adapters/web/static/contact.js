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

const warning = document.getElementById("no-cookies");
if (warning && !navigator.cookieEnabled) warning.hidden = false;

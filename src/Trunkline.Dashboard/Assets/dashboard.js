// Brings the page up to date in place: it asks for the page anew and replaces only the parts that differ, so that nothing flickers,
// scrolls or loses the focus. Without this script the page reloads itself (see the noscript in its head).
"use strict";

const periodMs = 5000;
const patienceMs = 15000;
const pause = document.getElementById("pause");
let paused = false;
let timer = 0;

async function refresh() {
  if (paused || document.hidden || selecting()) {
    return;
  }
  try {
    const answer = await fetch(location.pathname + location.search, { cache: "no-store", signal: AbortSignal.timeout(patienceMs) });
    if (answer.redirected) {
      // The session is over: the browser is to show where to sign in, and come back here.
      location.reload();
      return;
    }
    if (!answer.ok) {
      throw new Error(String(answer.status));
    }
    const newer = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of document.querySelectorAll("[data-live]")) {
      const other = newer.getElementById(part.id);
      if (other && other.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) {
        part.replaceChildren(...other.childNodes);
      }
    }
    document.title = newer.title;
    document.getElementById("as-of").replaceWith(newer.getElementById("as-of"));
    document.body.classList.remove("stale");
  } catch {
    // The node is away or slow: what is shown stays, marked as old, and the next round tries again.
    document.body.classList.add("stale");
  }
}

// Text being selected must not vanish from under the pointer.
function selecting() {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed;
}

function schedule() {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    await refresh();
    schedule();
  }, periodMs);
}

pause.hidden = false;
pause.addEventListener("click", () => {
  paused = !paused;
  pause.setAttribute("aria-pressed", String(paused));
  pause.textContent = paused ? "Resume updates" : "Pause updates";
  document.body.classList.toggle("paused", paused);
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) {
    refresh();
  }
});
schedule();

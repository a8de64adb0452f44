// Writes what a stream tells onto the map, twice a second, where it stands: nothing else of the page is touched. Without this script the
// page reloads itself.
"use strict";

customElements.define("trunkline-map", class extends HTMLElement {
  #stream = null;
  #steer = () => (document.hidden || !this.checkVisibility() || document.body.classList.contains("paused") ? this.#close() : this.#open());
  #watch = new MutationObserver(this.#steer);
  // On a small screen it may be asked for later, or put away.
  #shown = new ResizeObserver(this.#steer);

  connectedCallback() {
    document.addEventListener("visibilitychange", this.#steer);
    this.#watch.observe(document.body, { attributeFilter: ["class"] });
    this.#shown.observe(this);
    this.#steer();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#steer);
    this.#watch.disconnect();
    this.#shown.disconnect();
    this.#close();
  }

  #open() {
    if (this.#stream !== null || !this.dataset.address) {
      return;
    }
    // The browser opens it again by itself when it breaks; all is sent then.
    this.#stream = new EventSource(this.dataset.address);
    this.#stream.addEventListener("message", (event) => this.#write(JSON.parse(event.data)));
  }

  #close() {
    this.#stream?.close();
    this.#stream = null;
  }

  #write(letter) {
    if (letter.layout !== this.dataset.layout) {
      this.#redraw(letter.layout);
      return;
    }
    for (const [place, written] of Object.entries(letter.places)) {
      const at = this.querySelector(`[data-place="${CSS.escape(place)}"]`);
      if (at !== null) {
        at.querySelector(".written").textContent = written.text;
        at.querySelector("title").textContent = written.title;
        for (const state of ["good", "warn", "bad"]) {
          at.classList.toggle(`is-${state}`, state === written.state);
        }
      }
    }
    this.dataset.number = letter.number;
  }

  // Something came or went: the picture is taken from the page as it is now.
  async #redraw(layout) {
    this.#close();
    const answer = await fetch(location.pathname + location.search, { cache: "no-store" });
    const newer = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("trunkline-map");
    if (newer !== null) {
      this.dataset.layout = newer.dataset.layout;
      this.replaceChildren(...newer.childNodes);
    } else {
      this.dataset.layout = layout;
    }
    this.#steer();
  }
});

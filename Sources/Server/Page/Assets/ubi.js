// What shoppers search, see and open, as User Behavior Insights 1.3 has it (docs/page.md), so that tuning can learn from it. A search is told
// of once it is meant; a product counts as seen when half of its card was in view for half a second. Nothing is kept or sent where the browser
// asks not to be tracked, and no failure of this file reaches the page.

(() => {
  "use strict";

  const isUnwanted = navigator.globalPrivacyControl === true || ["1", "yes"].includes(navigator.doNotTrack)
    || window.doNotTrack === "1";
  if (isUnwanted || !navigator.sendBeacon || !window.IntersectionObserver) return;

  const main = document.getElementById("results");
  const seenAfter = 500;
  const batchAfter = 2000;

  function randomID() {
    if (crypto.randomUUID) return crypto.randomUUID();
    // Only secure contexts have randomUUID; this is the same: version 4, RFC 9562.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  /** An id that a store keeps; where it keeps nothing, one for this page. */
  function keptID(store, name) {
    try {
      const storage = window[store];
      const known = storage.getItem(name);
      if (known) return known;
      const made = randomID();
      storage.setItem(name, made);
      return made;
    } catch {
      return randomID();
    }
  }

  const clientID = keptID("localStorage", "aisle.client");
  const sessionID = keptID("sessionStorage", "aisle.session");

  function send(path, documents) {
    try {
      navigator.sendBeacon(path, new Blob([JSON.stringify(documents)], { type: "text/plain;charset=UTF-8" }));
    } catch {
      // A search goes on without its record.
    }
  }

  // The search that is recorded; null: none.
  let search = null;
  let waiting = [];
  let sending = 0;

  /** Begins to record what is shown, or goes on where it is another page of the same search. */
  function begin() {
    const region = main.querySelector(":scope > .region");
    const query = region?.dataset.query;
    flush();
    watch(null);
    if (query === undefined) {
      search = null;
      return;
    }
    const cards = [...main.querySelectorAll(".cards .card")];
    if (search?.key !== region.dataset.search) {
      search = { key: region.dataset.search, query, id: randomID(), seen: new Set() };
      // The list is that of the first page: a later one's places are told by the events.
      const isFirst = cards.length === 0 || cards[0].dataset.rank === "1";
      send("/ubi/queries", {
        application: "aisle", query_id: search.id, client_id: clientID, session_id: sessionID, user_query: query,
        timestamp: new Date().toISOString(), query_response_hit_ids: isFirst ? cards.map((card) => card.dataset.id) : [],
      });
    }
    watch(cards);
  }

  function record(action, card) {
    waiting.push({
      application: "aisle", action_name: action, query_id: search.id, client_id: clientID, session_id: sessionID,
      user_query: search.query, timestamp: new Date().toISOString(),
      event_attributes: {
        object: { object_id: card.dataset.id, object_id_field: "product_id" },
        position: { ordinal: Number(card.dataset.rank) },
      },
    });
    clearTimeout(sending);
    sending = setTimeout(flush, batchAfter);
  }

  function see(card) {
    if (search === null || search.seen.has(card.dataset.id)) return;
    search.seen.add(card.dataset.id);
    record("impression", card);
  }

  function flush() {
    clearTimeout(sending);
    if (waiting.length > 0) send("/ubi/events", waiting);
    waiting = [];
  }

  // Cards in view

  const timers = new Map();
  const observer = new IntersectionObserver((entries) => {
    for (const { target, intersectionRatio } of entries) {
      clearTimeout(timers.get(target));
      timers.delete(target);
      if (intersectionRatio < 0.5) continue;
      timers.set(target, setTimeout(() => { if (document.visibilityState === "visible") see(target); }, seenAfter));
    }
  }, { threshold: [0, 0.5] });

  function watch(cards) {
    observer.disconnect();
    for (const timer of timers.values()) clearTimeout(timer);
    timers.clear();
    for (const card of cards ?? []) observer.observe(card);
  }

  // Before the page follows the link.
  function open(event) {
    const card = event.target instanceof Element ? event.target.closest(".open")?.closest(".cards .card") : null;
    if (!card || event.button > 1) return;
    const key = main.querySelector(":scope > .region")?.dataset.search;
    if (search === null || search.key !== key) begin();
    if (search === null) return;
    see(card);
    record("click", card);
    flush();
  }

  document.addEventListener("click", open, true);
  document.addEventListener("auxclick", open, true);
  document.addEventListener("aisle:draft", () => { flush(); watch(null); search = null; });
  document.addEventListener("aisle:settled", begin);
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") flush(); });
  addEventListener("pagehide", flush);
  begin();
})();

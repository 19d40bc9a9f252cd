// The page with a script. Everything works without it: the server renders each address whole. With it, the region between head and foot is
// fetched and exchanged, so that results follow what is typed. There is no rendering here.

(() => {
  "use strict";

  const root = document.documentElement;
  const form = document.getElementById("search");
  const box = document.getElementById("q");
  const main = document.getElementById("results");
  const status = document.getElementById("status");
  const typingPause = 150;
  const settledPause = 1000;

  root.classList.add("js");

  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !hasModifier(event) && !isEditable(event.target)) {
      event.preventDefault();
      box.focus();
      box.select();
    }
  });

  // Other pages have the box but no region: their form is sent as any form.
  if (!region()) return;

  function region() { return main.querySelector(":scope > .region"); }
  function hasModifier(event) { return event.ctrlKey || event.metaKey || event.altKey; }
  function isEditable(element) {
    return element instanceof HTMLElement
      && (element.isContentEditable || /^(input|textarea|select)$/i.test(element.tagName));
  }

  // What is shown

  let request = 0;
  let controller = null;
  let isShown = true;

  /** Fetches a region and puts it in place, unless another one was asked for meanwhile. */
  async function show(address) {
    controller?.abort();
    controller = new AbortController();
    const number = ++request;
    isShown = false;
    root.classList.add("busy");
    try {
      const answer = await fetch(address, {
        headers: { "X-Aisle-Fragment": "1" }, signal: controller.signal, cache: "no-store",
      });
      const isPage = (answer.headers.get("Content-Type") ?? "").startsWith("text/html");
      const markup = isPage ? await answer.text() : null;
      if (number !== request) return false;
      if (markup === null) throw new Error("no page");
      exchange(markup);
      say(region()?.dataset.status ?? "", false);
      isShown = true;
      return true;
    } catch (error) {
      if (number === request && error.name !== "AbortError") say(document.body.dataset.offline, true);
      return false;
    } finally {
      if (number === request) root.classList.remove("busy");
    }
  }

  /** Puts a region in place; the filters stay open and the focus stays on the field it was on. */
  function exchange(markup) {
    const isOpen = document.getElementById("filters")?.open ?? false;
    const held = main.contains(document.activeElement) ? identity(document.activeElement) : null;
    main.innerHTML = markup;
    const filters = document.getElementById("filters");
    if (filters && isOpen) filters.open = true;
    document.title = region()?.dataset.title ?? document.title;
    if (held) [...main.querySelectorAll("input, a")].find((element) => identity(element) === held)?.focus({ preventScroll: true });
    prepare();
  }

  /** What a field or a switch is, whatever region it stands in; null for other elements. */
  function identity(element) {
    if (element.name) return `${element.name}=${element.type === "checkbox" ? element.value : ""}`;
    return element.dataset.keep ?? null;
  }

  function prepare() {
    for (const image of main.querySelectorAll("img")) {
      if (image.complete && image.naturalWidth === 0) image.classList.add("broken");
    }
    setCurrent(main.querySelector(".cards .card"));
    foldFilters();
    for (const link of document.querySelectorAll("a[data-language]")) {
      const address = new URL(region()?.dataset.address ?? location.href, location.href);
      address.searchParams.set("lang", link.dataset.language);
      link.href = address.pathname + address.search;
    }
  }

  /** Where the style keeps the filters open, their switch is no stop of the tab key. */
  function foldFilters() {
    const summary = document.querySelector("#filters > summary");
    if (summary) summary.tabIndex = getComputedStyle(summary).pointerEvents === "none" ? -1 : 0;
  }
  addEventListener("resize", foldFilters);

  // A picture that does not load leaves its place to the drawing below it.
  main.addEventListener("error", (event) => {
    if (event.target instanceof HTMLImageElement) event.target.classList.add("broken");
  }, true);

  /** Tells those who hear the page, and for a failure also those who see it. */
  function say(text, isFailure) {
    status.textContent = text;
    status.className = isFailure ? "failure" : "hidden";
  }

  // History: an entry for each search that was meant, not for each letter

  let isDraft = false;
  let settling = 0;
  // Whether the pause after typing is over, though the products may not be there yet.
  let isQuiet = false;

  history.scrollRestoration = "manual";
  addEventListener("pagehide", keepScroll);
  function keepScroll() { history.replaceState({ scroll: scrollY }, ""); }

  /** The address that the form asks for; fields that are empty are left out. */
  function formAddress() {
    const pairs = [...new FormData(form)].filter(([, value]) => value.trim() !== "");
    const query = new URLSearchParams(pairs).toString();
    return query ? `/?${query}` : "/";
  }

  /** Shows what is typed so far. */
  async function draft() {
    const address = formAddress();
    if (isDraft) {
      history.replaceState(null, "", address);
    } else {
      keepScroll();
      history.pushState(null, "", address);
      isDraft = true;
    }
    if (await show(address)) {
      document.dispatchEvent(new Event("aisle:draft"));
      adopt();
      if (isQuiet) settle();
    }
  }

  /** Shows what was meant: sent, chosen or followed. */
  async function commit(address, movesFocus = false) {
    clearTimeout(typing);
    clearTimeout(settling);
    if (isDraft) {
      history.replaceState(null, "", address);
    } else if (new URL(address, location.href).href !== location.href) {
      keepScroll();
      history.pushState(null, "", address);
    }
    isDraft = false;
    if (!await show(address)) return;
    adopt();
    syncBox();
    if (movesFocus) {
      scrollTo(0, 0);
      if (!main.contains(document.activeElement)) main.focus({ preventScroll: true });
    }
    settle();
  }

  /** The server writes the same page's address always in the same way. */
  function adopt() {
    const address = region()?.dataset.address;
    if (address) history.replaceState(history.state, "", address);
  }

  function syncBox() {
    box.value = new URL(location.href).searchParams.get("q") ?? "";
  }

  /** Nobody types any more: the search counts as meant. */
  function settle() {
    isDraft = false;
    document.dispatchEvent(new Event("aisle:settled"));
  }

  addEventListener("popstate", async (event) => {
    clearTimeout(typing);
    clearTimeout(settling);
    isDraft = false;
    syncBox();
    if (!await show(location.pathname + location.search)) return;
    scrollTo(0, event.state?.scroll ?? 0);
    settle();
  });

  // What people do

  let typing = 0;

  box.addEventListener("input", () => {
    clearTimeout(typing);
    clearTimeout(settling);
    typing = setTimeout(draft, typingPause);
    isQuiet = false;
    settling = setTimeout(() => {
      isQuiet = true;
      if (isDraft && isShown) settle();
    }, settledPause);
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    commit(formAddress());
  });

  main.addEventListener("change", (event) => {
    if (event.target.form === form) commit(formAddress());
  });

  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
    if (!link || event.button !== 0 || event.shiftKey || hasModifier(event) || event.defaultPrevented) return;
    if (link.origin !== location.origin || link.pathname !== "/" || link.hash || link.dataset.language) return;
    event.preventDefault();
    commit(link.pathname + link.search, true);
  });

  // Keys: from the box down to the products, among them by arrows, and back

  function setCurrent(card) {
    for (const other of main.querySelectorAll(".cards .card")) {
      for (const link of other.querySelectorAll("a")) link.tabIndex = other === card ? 0 : -1;
    }
  }

  function focusCard(card) {
    setCurrent(card);
    card.querySelector(".open").focus();
    card.scrollIntoView({ block: "nearest" });
  }

  main.addEventListener("focusin", (event) => {
    const card = event.target.closest(".cards .card");
    if (card) setCurrent(card);
  });

  box.addEventListener("keydown", (event) => {
    if (event.isComposing || hasModifier(event)) return;
    const first = main.querySelector(".cards .card");
    if (event.key === "ArrowDown" && first) {
      event.preventDefault();
      focusCard(first);
    } else if (event.key === "Escape" && box.value !== "") {
      event.preventDefault();
      box.value = "";
      box.dispatchEvent(new Event("input"));
    }
  });

  main.addEventListener("keydown", (event) => {
    if (!event.target.matches(".card .open") || hasModifier(event)) return;
    const cards = [...main.querySelectorAll(".cards .card")];
    const place = cards.indexOf(event.target.closest(".card"));
    if (place < 0) return;
    if (event.key === "Escape") {
      box.focus();
      return;
    }
    const next = target(cards, place, event.key);
    if (next === undefined) return;
    event.preventDefault();
    if (next === null) box.focus();
    else focusCard(next);
  });

  /** The card that a key leads to; null: the box; undefined: the key leads nowhere. */
  function target(cards, place, key) {
    const row = (card) => Math.round(card.getBoundingClientRect().top);
    const middle = (card) => card.getBoundingClientRect().left + card.offsetWidth / 2;
    const nearest = (candidates) => candidates.reduce((best, card) =>
      Math.abs(middle(card) - middle(cards[place])) < Math.abs(middle(best) - middle(cards[place])) ? card : best);
    const isRightToLeft = getComputedStyle(main).direction === "rtl";
    switch (key) {
      case "ArrowRight": return cards[place + (isRightToLeft ? -1 : 1)];
      case "ArrowLeft": return cards[place + (isRightToLeft ? 1 : -1)];
      case "Home": return cards[0];
      case "End": return cards[cards.length - 1];
      case "ArrowDown": {
        const below = cards.filter((card) => row(card) > row(cards[place]));
        return below.length ? nearest(below.filter((card) => row(card) === row(below[0]))) : undefined;
      }
      case "ArrowUp": {
        const above = cards.filter((card) => row(card) < row(cards[place]));
        return above.length ? nearest(above.filter((card) => row(card) === row(above[above.length - 1]))) : null;
      }
      default: return undefined;
    }
  }

  prepare();
  if (history.state?.scroll) scrollTo(0, history.state.scroll);
  if (main.querySelector(".start") && !matchMedia("(pointer: coarse)").matches) box.focus({ preventScroll: true });
})();

// Lets the clocks of an incident run by the chain's time, as the page brought it, and says when something has changed.
(() => {
  "use strict";
  const TICK = 1000, ASK = 10000;
  const opened = new WeakMap();

  const elapsed = (root) => {
    if (!opened.has(root)) opened.set(root, performance.now());
    return performance.now() - opened.get(root);
  };

  // As the server writes it.
  const long = (root, minutes) => {
    const { minute, minutes: many, hour, hours, day, days } = root.dataset;
    const of = (count, one, more) => (count === 1 ? one : more.replace("{n}", count));
    if (minutes < 120) return of(minutes, minute, many);
    if (minutes < 48 * 60) return of(Math.floor(minutes / 60), hour, hours);
    return of(Math.floor(minutes / 1440), day, days);
  };

  const show = (clock, root, now) => {
    const away = Date.parse(clock.dataset.at) - now;
    const count = Math.max(clock.dataset.clock === "up" ? Math.floor(-away / 60000) : Math.ceil(away / 60000), 0);
    const { one, many, none } = clock.dataset;
    const said = (count === 0 && none) || (count === 1 && one) || many || "{t}";
    const text = said.replace("{n}", count).replace("{t}", long(root, count));
    if (clock.textContent !== text) clock.textContent = text;
  };

  const tick = () => document.querySelectorAll("[data-chain-now]").forEach((root) => {
    const now = Date.parse(root.dataset.chainNow) + elapsed(root);
    root.querySelectorAll("[data-clock]").forEach((clock) => show(clock, root, now));
  });

  // What is on the page stays until somebody presses.
  const ask = async (note) => {
    if (document.hidden || !note.hidden) return;
    try {
      const answer = await fetch(note.dataset.state, { headers: { "If-None-Match": note.dataset.tag }, cache: "no-store" });
      if (answer.status === 200 && answer.headers.get("ETag") !== note.dataset.tag) note.hidden = false;
    } catch { /* no line now: the next time */ }
  };

  tick();
  setInterval(tick, TICK);
  const note = document.querySelector("[data-state]");
  if (note) {
    setInterval(ask, ASK, note);
    document.addEventListener("visibilitychange", () => { ask(note); tick(); });
  }
})();

// Says how much is left of the minutes in which a report is to be sent, from the time that is written into its form. Both are
// the school's time as the page brought it, whatever this telephone's own clock and zone say.
(() => {
  "use strict";
  const timer = document.querySelector("[data-within]");
  const typed = document.getElementById(timer?.dataset.of);
  if (!typed) return;
  const { within, here, one, many, over } = timer.dataset;
  const opened = performance.now();

  const show = () => {
    const now = Date.parse(`${here}Z`) + performance.now() - opened;
    const away = Date.parse(`${typed.value}Z`) + within * 60000 - now;
    const count = Math.ceil(away / 60000);
    const text = count > 0 ? (count === 1 ? one : many).replace("{n}", count) : over;
    timer.hidden = Number.isNaN(away);
    if (!timer.hidden && timer.textContent !== text) timer.textContent = text;
  };

  show();
  typed.addEventListener("input", show);
  setInterval(show, 1000);
})();

// Leave quickly: blank first, then replace this page in the history. Without this file the link simply leads away.
(() => {
  "use strict";
  const leave = (event) => {
    const link = event.target.closest("[data-quit]");
    if (!link) return;
    event.preventDefault();
    document.title = "";
    document.documentElement.hidden = true;
    document.body.replaceChildren();
    window.location.replace(link.href);
  };
  document.addEventListener("click", leave);
  // Coming back by the browser's own cache must not show the page again.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) window.location.reload();
  });
})();

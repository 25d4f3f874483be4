// Leave quickly: blank first, then replace this page. Without this file the link simply leads away.
// Back finds the neutral page too, until a link or an address is chosen on purpose.
(() => {
  "use strict";
  const store = sessionStorage;
  const hide = (to) => {
    document.documentElement.hidden = true;
    window.location.replace(to);
  };
  const again = () => (store.left ? hide(store.left) : window.location.reload());
  if (performance.getEntriesByType("navigation")[0].type !== "back_forward") delete store.left;
  else if (store.left) hide(store.left);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-quit]");
    if (!link) return;
    event.preventDefault();
    document.title = "";
    store.left = link.href;
    delete store.kept; // what was typed (app.js)
    hide(link.href);
  });
  window.addEventListener("pageshow", (event) => event.persisted && again());
})();

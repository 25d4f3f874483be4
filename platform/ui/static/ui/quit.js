// Leave quickly: blank first, then another page. Back finds that one too, until an address is chosen on purpose.
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
    delete store.kept;
    hide(link.href);
  });
  window.addEventListener("pageshow", (event) => event.persisted && again());
})();

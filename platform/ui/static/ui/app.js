// Small comforts. Every page works without this file.
(() => {
  "use strict";
  const all = (selector, root = document) => root.querySelectorAll(selector);

  const release = (form) => {
    delete form.dataset.sent;
    all("[aria-busy]", form).forEach((button) => button.removeAttribute("aria-busy"));
  };

  // A form sent once is not sent twice by an impatient thumb; the server holds the real lock.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(release, 8000, form); // a download or a lost line leaves the page standing
    all("button:not([type=button])", form).forEach((button) => button.setAttribute("aria-busy", "true"));
  });
  window.addEventListener("pageshow", (event) => {
    all("form[data-sent]").forEach(release);
    // A page that Back brings alive again is a new showing of it: what it keeps from now on is not late.
    if (event.persisted) all("input[data-page]").forEach((key) => { key.value = crypto.randomUUID(); });
  });

  // The answer to a form takes the place of an ordinary page in the history: Back and a reload ask for its address, and
  // never end on the browser's own page. The server leads an address that only takes a form to the page it belongs to.
  if (document.documentElement.dataset.answers === "post") history.replaceState(history.state, "", location.href);

  // An open menu closes on a click elsewhere and on Escape.
  const closeMenus = (except) => all("details.who[open]").forEach((menu) => {
    if (menu !== except) menu.open = false;
  });
  document.addEventListener("click", (event) => closeMenus(event.target.closest("details.who")));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details.who[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  document.addEventListener("click", (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy).then(() => {
        copy.textContent = copy.dataset.copied || "✓";
      });
    }
    if (event.target.closest("[data-print]")) window.print();
  });

  // What needs no script is hidden by `hidden`; what only a script can do is shown by it.
  all("[data-needs-script]").forEach((element) => { element.hidden = false; });
  const summary = document.querySelector("[data-focus]");
  if (summary) summary.focus();
})();

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
    // Brought alive again by Back it is a new showing of the page.
    if (event.persisted) all("input[data-page]").forEach((key) => { key.value = crypto.randomUUID(); });
  });

  // Back to the answer of a form, and a reload of it, ask for its address and never end on the browser's own page.
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
  all("[data-needs-script]").forEach((element) => { element.hidden = "copy" in element.dataset && !navigator.clipboard; });
  const summary = document.querySelector("[data-focus]");
  if (summary) summary.focus();

  // What was typed stays in this tab when its page is asked for anew: by the language switch, a search or a choice on it; by Back
  // and reload too while somebody is signed in. Never a password, a code, a file or what is hidden.
  const FIELDS = ":is(textarea, select, input:not([type=hidden], [type=password], [type=file], [autocomplete=one-time-code]))[name]";
  const [EVERY, SENT] = ["main form ", "main form[method=post i] "].map((form) => form + FIELDS);
  const store = sessionStorage;
  const isTicked = ({ type }) => type === "checkbox" || type === "radio";
  const told = (which) => JSON.stringify([location.pathname, [...all(which)].map((field) => [field.name, field.value, field.checked])]);
  const fresh = told(SENT);
  const keep = (name, which) => { store[name] = told(which); };
  const comeBack = (name) => {
    const [path, rows] = JSON.parse(store[name] || "[]");
    if (path !== location.pathname) return;
    delete store[name];
    all(EVERY).forEach((field) => {
      const found = rows.findIndex(([of, value]) => of === field.name && (!isTicked(field) || value === field.value));
      if (found < 0) return;
      const [[, value, checked]] = rows.splice(found, 1); // fields of one name come back in their order
      if (isTicked(field)) field.checked = checked;
      else if (!field.readOnly) field.value = value;
    });
  };
  document.addEventListener("submit", ({ target: form }) => {
    if (form.method !== "post") keep("typed", SENT);
    else if (form.querySelector("button[name=language]")) keep("typed", EVERY);
    else delete store.kept;
  });
  document.addEventListener("click", ({ target }) => {
    const link = target.closest("main a[href]");
    if (link?.pathname === location.pathname && link.search !== location.search) keep("typed", SENT);
  });
  const isPrivate = document.querySelector("details.who") && !store.left;
  window.addEventListener("pagehide", () => {
    if (!isPrivate || store.left || document.querySelector("form[data-sent]")) return;
    // The address of an answer, asked for anew, knows nothing of it.
    if (document.documentElement.dataset.answers || told(SENT) !== fresh) keep("kept", SENT);
  });
  comeBack("typed");
  delete store.typed;
  if (!isPrivate) delete store.kept;
  else if (performance.getEntriesByType("navigation")[0].type !== "navigate") comeBack("kept");
})();

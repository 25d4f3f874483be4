// What was typed stays in this tab when its page is asked for anew: by the language switch, a search or a choice on the page of
// a form; by Back and reload too while somebody is signed in. Never a password, a code, a file or what is hidden.
(() => {
  "use strict";
  const FIELDS = ":is(textarea, select, input:not([type=hidden], [type=password], [type=file], [autocomplete=one-time-code]))[name]";
  const [EVERY, SENT] = ["main form ", "main form[method=post i] "].map((form) => form + FIELDS);
  const all = (which) => [...document.querySelectorAll(which)];
  const store = sessionStorage;
  const isTicked = (field) => field.type === "checkbox" || field.type === "radio";
  const isChanged = (field) => (isTicked(field) ? field.checked !== field.defaultChecked
    : field.options ? [...field.options].some((option) => option.selected !== option.defaultSelected)
    : field.value !== field.defaultValue);
  const keep = (name, which) => {
    store[name] = JSON.stringify([location.pathname, all(which).map((field) => [field.name, field.value, field.checked])]);
  };
  const comeBack = (name) => {
    const [path, rows] = JSON.parse(store[name] || "[]");
    if (path !== location.pathname) return;
    delete store[name];
    for (const field of all(EVERY)) {
      const found = rows.findIndex(([of, value]) => of === field.name && (!isTicked(field) || value === field.value));
      if (found < 0) continue;
      const [[, value, checked]] = rows.splice(found, 1); // fields of one name come back in their order
      if (isTicked(field)) field.checked = checked;
      else if (!field.readOnly) field.value = value;
    }
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
    const isAnswer = document.documentElement.dataset.answers; // its address, asked for anew, knows nothing of it
    if (all(SENT).some((field) => isAnswer || isChanged(field))) keep("kept", SENT);
  });
  comeBack("typed");
  delete store.typed;
  if (!isPrivate) delete store.kept;
  else if (performance.getEntriesByType("navigation")[0].type !== "navigate") comeBack("kept");
})();

// A visit counts from the first touch, key or scroll, once a page. Programs that open links of mails do none of these.
(() => {
  "use strict";
  const form = document.querySelector("form[data-tips-seen]");
  if (!form) return;
  const signs = ["pointerdown", "keydown", "scroll"];
  const tell = () => {
    signs.forEach((sign) => removeEventListener(sign, tell));
    fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Requested-With": "seen" }, keepalive: true }).catch(() => {});
  };
  signs.forEach((sign) => addEventListener(sign, tell, { passive: true }));
})();

// The counter's scan page. Keypad first: digits group themselves 4-4-4. The camera helps where the browser can read codes.
(() => {
  "use strict";
  const form = document.querySelector("[data-scan]");
  if (!form) return;
  const code = form.querySelector("[data-code444]");
  const video = form.querySelector("[data-camera]");
  const start = form.querySelector("[data-camera-start]");
  const token = form.querySelector("[name=token]");

  code.addEventListener("input", () => {
    const before = code.value.slice(0, code.selectionStart).replace(/\D/g, "").length;
    const digits = code.value.replace(/\D/g, "").slice(0, 12);
    code.value = digits.replace(/(\d{4})(?=\d)/g, "$1 ");
    let caret = 0;
    for (let seen = 0; caret < code.value.length && seen < before; caret += 1) {
      if (code.value[caret] !== " ") seen += 1;
    }
    if (before % 4 === 0 && code.value[caret] === " ") caret += 1;
    code.setSelectionRange(caret, caret);
  });

  const send = (text) => {
    const found = /\/v\/([A-Za-z0-9_-]{20,})\/?$/.exec(text);
    const digits = text.replace(/\s/g, "");
    if (found) token.value = found[1];
    else if (/^\d{12}$/.test(digits)) code.value = digits;
    else return false;
    if (navigator.vibrate) navigator.vibrate(60);
    form.requestSubmit();
    return true;
  };

  const stop = () => {
    (video.srcObject ? video.srcObject.getTracks() : []).forEach((track) => track.stop());
    video.srcObject = null;
    video.hidden = true;
  };

  const look = async (detector) => {
    if (!video.srcObject) return;
    const codes = await detector.detect(video).catch(() => []);
    if (codes.some((each) => send(each.rawValue))) { stop(); return; }
    setTimeout(() => look(detector), 250);
  };

  const canScan = "BarcodeDetector" in window && navigator.mediaDevices && navigator.mediaDevices.getUserMedia;
  if (!canScan) { code.focus(); return; }
  start.hidden = false;
  start.addEventListener("click", async () => {
    try {
      video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
      video.hidden = false;
      start.hidden = true;
      await video.play();
      look(new window.BarcodeDetector({ formats: ["qr_code"] }));
    } catch {
      stop();
      start.hidden = true;
      code.focus();
    }
  });
  window.addEventListener("pagehide", stop);
})();

// The counter's scan page. What is typed, pasted or scanned goes to the server as it is: it alone knows what a code is.
// Here digits group themselves 4-4-4, a scanner that types is heard wherever the cursor is, and the camera helps where
// the browser can read codes.
(() => {
  "use strict";
  const form = document.querySelector("[data-scan]");
  if (!form) return;
  const code = form.querySelector("[data-code444]");
  const video = form.querySelector("[data-camera]");
  const start = form.querySelector("[data-camera-start]");
  const token = form.querySelector("[name=token]");

  // Only digits and blanks are grouped, and only at rest: a text with anything else stands as it was pasted, and what an
  // input method is still composing is its own.
  const group = (event) => {
    if (event.isComposing || !/^[0-9０-９\s]*$/.test(code.value)) return;
    const plain = (text) => text.normalize("NFKC").replace(/\s/g, "");
    const before = plain(code.value.slice(0, code.selectionStart)).length;
    const shown = plain(code.value).replace(/(.{4})(?=.)/g, "$1 ");
    if (shown === code.value) return;
    const isErasing = (event.inputType || "").startsWith("delete");
    const blanks = Math.floor((isErasing ? Math.max(before - 1, 0) : before) / 4);
    code.value = shown;
    code.setSelectionRange(before + blanks, before + blanks);
  };
  code.addEventListener("input", group);
  code.addEventListener("compositionend", () => group({ isComposing: false }));

  // Lines stay apart in a field of one line.
  code.addEventListener("paste", (event) => {
    const text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (!/\S\s*[\r\n]+\s*\S/.test(text)) return;
    event.preventDefault();
    code.setRangeText(text.trim().replace(/\s*[\r\n]+\s*/g, " | "), code.selectionStart, code.selectionEnd, "end");
  });

  let isSent = false;
  const send = (text) => {
    if (isSent) return;
    isSent = true;
    token.value = text;
    if (navigator.vibrate) navigator.vibrate(60);
    form.requestSubmit();
  };
  window.addEventListener("pageshow", () => { isSent = false; token.value = ""; });

  // Whether it is worth asking the server without being told to.
  const isOurs = (text) => /\/v\/[A-Za-z0-9_-]{22,128}\/?([?#].*)?$/i.test(text)
    || (!text.includes("://") && /^\D*(\d[\s-]*){12}\D*$/.test(text));

  // A scanner that types does so faster than any hand. Its keys are taken as keys, before an input method that is
  // switched on makes words of them, and also when the cursor stands elsewhere.
  const FASTER = 60; // milliseconds between two keys
  const SIGNS = {
    Minus: "-_", Equal: "=+", Slash: "/?", Period: ".>", Comma: ",<", Semicolon: ";:", Quote: "'\"", Backslash: "\\|",
    BracketLeft: "[{", BracketRight: "]}", Backquote: "`~", Space: "  ", NumpadDivide: "//", NumpadSubtract: "--",
  };
  const physical = (event) => {
    const [, letter] = /^Key([A-Z])$/.exec(event.code) || [];
    if (letter) return event.shiftKey ? letter : letter.toLowerCase();
    const [, digit] = /^(?:Digit|Numpad)([0-9])$/.exec(event.code) || [];
    if (digit) return event.shiftKey && event.code.startsWith("D") ? ")!@#$%^&*("[digit] : digit;
    return (SIGNS[event.code] || "")[event.shiftKey ? 1 : 0] || "";
  };
  let signs = ""; // what the system made of the keys
  let keys = ""; // the keys themselves, as a scanner set to the usual keyboard means them
  let last = 0;
  let quiet = 0;
  const forget = () => { signs = ""; keys = ""; };
  const take = () => {
    const ours = [signs, keys].find(isOurs);
    forget();
    if (ours) send(ours);
    return Boolean(ours);
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    clearTimeout(quiet);
    if (event.timeStamp - last > FASTER) forget();
    if (/^(Shift|CapsLock)/.test(event.code)) return;
    last = event.timeStamp;
    if (/^(Enter|NumpadEnter|Tab)$/.test(event.code)) {
      if (take()) event.preventDefault();
      return;
    }
    if (event.key.length === 1) signs += event.key;
    keys += physical(event);
    // Some scanners end with nothing; a hand does not type twenty signs at this pace. A link of ours ends with a slash.
    if (keys.length > 20 && keys.endsWith("/")) quiet = setTimeout(take, 4 * FASTER);
  }, true);

  const stop = () => {
    (video.srcObject ? video.srcObject.getTracks() : []).forEach((track) => track.stop());
    video.srcObject = null;
    video.hidden = true;
  };

  const look = async (detector) => {
    if (!video.srcObject) return;
    const codes = await detector.detect(video).catch(() => []);
    const ours = codes.map((each) => each.rawValue).filter(isOurs);
    if (ours.length) { stop(); send([...new Set(ours)].join("\n")); return; }
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

// A piece of work for this browser, so that a flood of empty programs does not make people wait. Nothing is read or sent by it:
// it looks for a number so that SHA-256 of the page's question and the number begins with so many zeros. Without it the
// report goes as well.
(() => {
  "use strict";
  const form = document.querySelector("form[data-work]");
  if (!form || !window.crypto || !crypto.subtle) return;
  const asked = form.dataset.work;
  const bits = Number(form.dataset.bits);
  const write = new TextEncoder();
  const begins = (hash) => {
    const head = new DataView(hash).getUint32(0);
    return head >>> (32 - bits) === 0;
  };
  const look = async () => {
    for (let start = 0; ; start += 256) {
      const numbers = Array.from({ length: 256 }, (_, step) => String(start + step));
      const hashes = await Promise.all(numbers.map((number) => crypto.subtle.digest("SHA-256", write.encode(`${asked}:${number}`))));
      const found = hashes.findIndex(begins);
      if (found >= 0) {
        form.elements.answer.value = numbers[found];
        return;
      }
    }
  };
  look();
})();

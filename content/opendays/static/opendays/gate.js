// The gate. Everything it needs came with the page: without network it goes on, and what it noted is sent later, once.
// Kept on the telephone are marks that are not sent yet, without a name; families stand in memory alone.
(() => {
  "use strict";
  const post = (page, marks) => fetch(page.dataset.marks, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify({ marks }),
    // A network that neither carries nor refuses is none: the marks wait for the next round.
    signal: AbortSignal.timeout ? AbortSignal.timeout(15000) : undefined,
  });
  const token = (document.querySelector("[data-gate] [name=csrfmiddlewaretoken], [data-late] [name=csrfmiddlewaretoken]") || {}).value;
  const late = document.querySelector("[data-late]");
  // The morning after: what this telephone noted on the day is sent, and it knows nobody.
  if (late) {
    const shelf = `gate:${late.dataset.late}`;
    const left = () => JSON.parse(localStorage.getItem(shelf) || "[]");
    const round = async () => {
      const marks = left().slice(0, 500);
      late.querySelector("[data-waiting]").textContent = left().length;
      late.hidden = !marks.length;
      if (!marks.length) return;
      try {
        const answer = await post(late, marks);
        if (!answer.ok) throw new Error(String(answer.status));
        const stands = new Set((await answer.json()).stands);
        localStorage.setItem(shelf, JSON.stringify(left().filter((mark) => !stands.has(mark.id))));
        setTimeout(round, stands.size ? 200 : 20000);
      } catch { setTimeout(round, 20000); }
    };
    round();
  }
  const root = document.querySelector("[data-gate]");
  if (!root) return;
  const part = (name) => root.querySelector(`[data-${name}]`);
  const say = root.dataset;
  const held = JSON.parse(document.getElementById("held").textContent);
  document.getElementById("held").remove();
  const families = new Map(held.families.map((family) => [family.hash, family]));
  const shelf = `gate:${held.day}`;
  let here = Number(part("here").textContent);
  let sending = false;
  let over = false;

  // Marks of another day are taken until noon of the day after it, by its own link; what is older than two days is nobody's any more.
  const isOver = (key) => Date.now() - Date.parse(JSON.parse(localStorage.getItem(key)).at(-1)?.at || 0) > 172800000;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("gate:") && key !== shelf && isOver(key)) localStorage.removeItem(key);
  }
  const waiting = () => JSON.parse(localStorage.getItem(shelf) || "[]");
  const keep = (marks) => localStorage.setItem(shelf, JSON.stringify(marks));

  const element = (name, text, kind) => {
    const made = document.createElement(name);
    if (text) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  };
  const button = (text, act, quiet) => {
    const made = element("button", text, quiet ? "btn quiet" : "btn");
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  };
  const uuid = () => crypto.randomUUID ? crypto.randomUUID()
    : "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
      (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));

  const count = () => {
    const all = Number(part("expected").textContent);
    part("here").textContent = here;
    part("bar").max = Math.max(all, 1);
    part("bar").value = Math.min(here, all);
  };

  const line = (mark, text) => {
    const row = element("li");
    row.dataset.mark = mark.id;
    row.append(element("time", new Date(mark.at).toTimeString().slice(0, 5)), element("span", text));
    row.append(element("span", say.sayWaits, "tag wait"));
    part("log").prepend(row);
  };

  const note = (family, people) => {
    const mark = { id: uuid(), party: family ? family.hash : "", people, at: new Date().toISOString() };
    keep([...waiting(), mark]);
    if (family) family.inside += people;
    here += people;
    count();
    line(mark, `${family ? family.address : say.sayWalk} · ${people} ${say.sayIn}`);
    if (family) show(family);
    send();
  };

  const show = (family) => {
    const left = Math.max(0, family.size - family.inside);
    part("pass-name").textContent = family.address;
    part("pass-count").textContent =
      `${say.sayAnnounced} ${family.size} · ${say.sayHere} ${Math.min(family.inside, family.size)}`;
    part("pass-dots").replaceChildren(...Array.from({ length: family.size }, (_, n) =>
      element("i", "", n < family.inside ? "in" : "")));
    const acts = left ? [button(`${say.sayAll} (${left})`, () => note(family, left))] : [];
    if (left > 1) acts.push(button(say.sayOne, () => note(family, 1), true));
    if (!left) acts.push(button(say.sayMore, () => note(family, 1), true));
    part("pass-acts").replaceChildren(...acts);
    const young = family.size - family.grown;
    const words = [`${family.grown} ${say.sayGrown}${young ? ` ${young} ${say.sayChildren}` : ""}`];
    if (family.leaves) words.push(`${say.sayLeaf} ${family.leaves}`);
    part("pass-note").textContent = `${left ? "" : `${say.sayOver} `}${words.join(" · ")}`;
    part("pass").hidden = false;
    part("pass").scrollIntoView({ block: "nearest" });
  };

  const digest = async (text) => {
    const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, 32);
  };
  const isCode = (text) => /^[0-9a-f]{32}$/i.test(text);
  // In both widths, small and capital letters, with and without blanks: what looks alike is found.
  const fold = (text) => text.normalize("NFKC").toLowerCase().replace(/\s/g, "");
  // As ``rules.gate_digits`` says them below the code.
  const digits = (hash) => String(parseInt(hash.slice(0, 10), 16) % 1000000).padStart(6, "0");

  const take = async (raw) => {
    const text = fold(raw);
    part("hits").replaceChildren();
    part("found").textContent = "";
    if (!text) return;
    // The family before stands there no longer, whatever becomes of this one.
    part("pass").hidden = true;
    if (isCode(text)) {
      const family = families.get(await digest(text));
      if (family) show(family);
      else part("found").textContent = say.sayUnknown;
      return;
    }
    const typed = /^\d{6}$/.test(text);
    const hits = [...families.values()].filter((family) => typed
      ? digits(family.hash) === text : fold(family.address).includes(text)).slice(0, 12);
    if (hits.length === 1) { show(hits[0]); return; }
    if (!hits.length) part("found").textContent = typed ? say.sayUnknown : say.sayNone;
    part("hits").replaceChildren(...hits.map((family) => {
      const row = element("li");
      row.append(button(`${family.address} · ${family.size}`, () => { part("hits").replaceChildren(); show(family); }, true));
      return row;
    }));
  };

  const drawn = () => {
    if (over) root.firstElementChild.textContent = waiting().length ? say.sayOverWaits : say.sayOverNow;
    else part("waiting").textContent = waiting().length;
  };

  const send = async () => {
    drawn();
    if (sending) return;
    sending = true;
    try {
      const marks = waiting().slice(0, 500);
      if (over && !marks.length) return;
      const answer = await post(root, marks);
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      const stands = new Set(told.stands);
      keep(waiting().filter((mark) => !stands.has(mark.id)));
      if (over || !told.inside) return;
      stands.forEach((id) => {
        const tag = part("log").querySelector(`[data-mark="${id}"] .tag`);
        if (tag) { tag.className = "tag ok"; tag.textContent = say.saySent; }
      });
      const rest = waiting();
      families.forEach((family) => {
        const mine = rest.filter((mark) => mark.party === family.hash).reduce((sum, mark) => sum + mark.people, 0);
        if (family.hash in told.inside) family.inside = told.inside[family.hash] + mine;
      });
      here = told.here + rest.reduce((sum, mark) => sum + mark.people, 0);
      part("expected").textContent = told.expected;
      count();
      part("offline").hidden = true;
      // Also what was noted while the last lot, or none, was on its way.
      if (rest.length) setTimeout(send, 200);
    } catch {
      if (!over) part("offline").hidden = false;
    } finally {
      sending = false;
      drawn();
    }
  };

  part("find").addEventListener("submit", (event) => {
    event.preventDefault();
    const field = root.querySelector("#find");
    take(field.value);
    field.value = "";
    field.focus();
  });
  part("walk").addEventListener("submit", (event) => {
    event.preventDefault();
    note(null, Number(new FormData(part("walk")).get("walk")));
    part("walk").reset();  // the next who comes is one, not as many as the last
  });
  part("retry").addEventListener("click", send);
  window.addEventListener("online", send);
  setInterval(send, 20000);

  const video = part("camera");
  const stop = () => {
    (video.srcObject ? video.srcObject.getTracks() : []).forEach((track) => track.stop());
    video.srcObject = null;
    video.hidden = true;
  };
  let last = "";
  const look = async (detector) => {
    if (!video.srcObject) return;
    const codes = await detector.detect(video).catch(() => []);
    const found = codes.map((each) => each.rawValue.trim()).find(isCode);
    // A code that is held still is one code; a bad one never stops the camera.
    if (found && found !== last) { last = found; if (navigator.vibrate) navigator.vibrate(60); take(found); }
    if (!codes.length) last = "";
    setTimeout(() => look(detector), 250);
  };
  const start = part("camera-start");
  // Where no code can be read by the camera, the page says so and names what still works.
  const without = () => { stop(); start.hidden = true; part("no-camera").hidden = false; };
  if (!("BarcodeDetector" in window) || !navigator.mediaDevices) without();
  else {
    start.hidden = false;
    start.addEventListener("click", async () => {
      try {
        video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
        video.hidden = false;
        start.hidden = true;
        await video.play();
        look(new window.BarcodeDetector({ formats: ["qr_code"] }));
      } catch { without(); }
    });
  }
  window.addEventListener("pagehide", stop);

  // At midnight the telephone forgets the families; what it noted without network is sent until noon.
  const end = () => {
    over = true;
    families.clear();
    stop();
    root.replaceChildren(element("p"));
    drawn();
    send();
  };
  setTimeout(end, Math.min(Math.max(0, new Date(held.ends) - Date.now()), 2 ** 31 - 1));
  waiting().forEach((mark) => {
    const family = families.get(mark.party);
    if (family) family.inside += mark.people;
    here += mark.people;
    line(mark, `${family ? family.address : say.sayWalk} · ${mark.people} ${say.sayIn}`);
  });
  count();
  send();
})();

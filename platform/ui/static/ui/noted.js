// The counter without network: what is scanned then is noted here, sent when there is network again, and never called
// redeemed before the server says so. Kept on this device are notes that are not answered yet, for the account that made them.
(() => {
  "use strict";
  const root = document.querySelector("[data-noted]");
  if (!root) return;
  const say = root.dataset;
  const part = (name) => root.querySelector(`[data-${name}]`);
  const shelf = `noted:${say.who}`;
  const WEEK = 7 * 24 * 3600 * 1000;
  const waiting = () => JSON.parse(localStorage.getItem(shelf) || "[]").filter((note) => Date.now() - Date.parse(note.at) < WEEK);
  const keep = (notes) => (notes.length ? localStorage.setItem(shelf, JSON.stringify(notes)) : localStorage.removeItem(shelf));
  const uuid = () => crypto.randomUUID ? crypto.randomUUID()
    : "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) =>
      (c ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (c / 4)))).toString(16));

  // An answer that is none of ours, such as the page of a network that wants to be signed in to, is no contact.
  const contact = async (body) => {
    const began = Date.now();
    const answer = await fetch(say.noted, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("[name=csrfmiddlewaretoken]").value },
      body: JSON.stringify(body),
      redirect: "error",
      signal: AbortSignal.timeout ? AbortSignal.timeout(body.id ? 15000 : 5000) : undefined,
    });
    if (answer.status === 400) return { state: "refused", says: say.sayUnread };
    if (!answer.ok) throw new Error(String(answer.status));
    const told = await answer.json();
    localStorage.setItem("noted-clock", Math.round(Date.parse(told.now) - (began + Date.now()) / 2));
    return told;
  };

  const line = (note, told) => {
    const row = root.querySelector(`[data-note="${note.id}"]`) || document.createElement("li");
    row.dataset.note = note.id;
    const time = document.createElement("time");
    time.textContent = new Date(Date.parse(note.at) + note.offset).toTimeString().slice(0, 5);
    const tag = document.createElement("span");
    tag.className = `tag ${told ? { redeemed: "ok", asked: "wait", refused: "bad" }[told.state] : "wait"}`;
    tag.textContent = told ? told.says : say.sayWaits;
    const end = document.createElement("span");
    end.textContent = ` ··${note.text.replace(/\s|\/$/g, "").slice(-4)} `;
    row.replaceChildren(time, end, tag);
    if (told && told.url) {
      const link = document.createElement("a");
      link.href = told.url;
      link.textContent = say.sayMore;
      row.append(" ", link);
    }
    if (!row.isConnected) part("notes").prepend(row);
    part("notes").hidden = false;
  };

  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    try {
      for (const note of waiting()) {
        const told = await contact(note);
        line(note, told);
        keep(waiting().filter((each) => each.id !== note.id));
      }
      part("offline").hidden = true;
    } catch {
      part("offline").hidden = false;
    } finally {
      sending = false;
    }
  };

  const note = (text, units) => {
    const made = {
      id: uuid(), text, units, at: new Date().toISOString(), offset: Number(localStorage.getItem("noted-clock") || 0),
    };
    keep([...waiting(), made]);
    line(made);
    part("offline").hidden = false;
    if (navigator.vibrate) navigator.vibrate(60);
  };

  const isOurs = (text) => /\/v\/[A-Za-z0-9_-]{22,128}/i.test(text) || /(\d[\s-]*){12}/.test(text.normalize("NFKC"));
  const form = document.querySelector("form[data-scan], form[data-redeem]");
  let mayGo = false;
  let isAsking = false;
  form.addEventListener("submit", async (event) => {
    if (mayGo) return;
    const said = new FormData(form);
    const text = (said.get("token") || said.get("code") || said.get("text") || "").trim();
    if (!isOurs(text) && form.matches("[data-scan]")) return; // the server says what is wrong with it
    event.preventDefault();
    if (isAsking) return;
    isAsking = true;
    try {
      await contact({});
      mayGo = true;
      form.requestSubmit();
    } catch {
      note(text, Number(said.get("units") || part("units").value) || 1);
      form.reset();
      if (form.matches("[data-redeem]")) form.querySelector("button").disabled = true; // noted once is enough
      part("units").value = "1";
      if (form.token) form.token.value = "";
    } finally {
      isAsking = false;
    }
  });
  window.addEventListener("pageshow", () => { mayGo = false; });
  window.addEventListener("online", send);
  setInterval(() => { if (waiting().length || !part("offline").hidden) send(); }, 20000);
  waiting().forEach((each) => line(each));
  if (waiting().length) send();
  else contact({}).catch(() => { part("offline").hidden = false; });
})();

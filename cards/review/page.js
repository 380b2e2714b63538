"use strict";
// A row at a time, judged by keyboard. Rows are hostile text: they are written with textContent alone, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const VERDICTS = { k: "keep", d: "drop", f: "fix" };
  const STORE = `aguila-review:${data.queue}`;
  const find = (id) => document.getElementById(id);
  const note = find("note");

  // given: verdict and note by place. order: places in the order in which they were judged, for undo.
  const state = { given: {}, order: [], at: 0 };
  try {
    Object.assign(state, JSON.parse(localStorage.getItem(STORE) || "{}"));
  } catch (error) {
    find("state").textContent = `What was judged before cannot be read (${error.message}).`;
  }

  function remember() {
    try {
      localStorage.setItem(STORE, JSON.stringify(state));
      return "";
    } catch (error) {
      return " This browser keeps nothing: save the labels before you close the page.";
    }
  }

  const given = () => state.given[state.at] || { verdict: null, note: "" };
  const judged = () => Object.values(state.given).filter((one) => one.verdict).length;

  function show() {
    const warning = remember();
    const row = data.rows[state.at];
    find("state").textContent = `${judged()} of ${data.rows.length} rows judged.${warning}`;
    find("progress").value = judged();
    find("part").hidden = true;
    if (!row) {
      find("row").textContent = judged() === data.rows.length ? "All rows are judged: save the labels" : "The last row is behind you: save the labels, or go back";
      find("fields").replaceChildren();
      note.value = "";
    } else {
      find("row").textContent = `${state.at + 1}. ${row.id}`;
      find("part").textContent = `drawn from ${row.part}`;
      const parts = [];
      for (const [name, text] of Object.entries(row.fields)) {
        parts.push(Object.assign(document.createElement("dt"), { textContent: name, lang: "en" }));
        parts.push(Object.assign(document.createElement("dd"), { textContent: text }));
      }
      find("fields").replaceChildren(...parts);
      note.value = given().note;
    }
    note.disabled = !row;
    for (const button of document.querySelectorAll("[data-key]")) {
      const verdict = VERDICTS[button.dataset.key];
      if (verdict) button.setAttribute("aria-pressed", String(Boolean(row) && given().verdict === verdict));
    }
  }

  function judge(verdict) {
    if (!data.rows[state.at]) return;
    state.given[state.at] = { ...given(), verdict };
    state.order = [...state.order.filter((place) => place !== state.at), state.at];
    state.at += 1;
    while (state.given[state.at] && state.given[state.at].verdict) state.at += 1;
    show();
  }

  function undo() {
    const place = state.order.pop();
    if (place === undefined) return;
    state.given[place] = { ...state.given[place], verdict: null };
    state.at = place;
    show();
  }

  // One line a judged row, in the order of the queue, in the fields of a label.
  function lines() {
    const made = [];
    data.rows.forEach((row, place) => {
      const one = state.given[place];
      if (one && one.verdict) made.push(`${JSON.stringify({ ...JSON.parse(row.key), verdict: one.verdict, note: one.note })}\n`);
    });
    return made.join("");
  }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([lines()], { type: "application/jsonl" }));
    link.download = data.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const DEEDS = {
    k: () => judge("keep"),
    d: () => judge("drop"),
    f: () => judge("fix"),
    u: undo,
    n: () => note.focus(),
    e: () => { find("part").hidden = !find("part").hidden; },
    s: save,
    ArrowLeft: () => { state.at = Math.max(0, state.at - 1); show(); },
    ArrowRight: () => { state.at = Math.min(data.rows.length, state.at + 1); show(); },
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target === note) {
      if (event.key === "Escape") find("row").focus();
      return;
    }
    const deed = DEEDS[event.key];
    if (!deed) return;
    event.preventDefault();
    deed();
  });
  note.addEventListener("input", () => {
    state.given[state.at] = { ...given(), note: note.value };
    remember();
  });
  for (const button of document.querySelectorAll("[data-key]")) button.addEventListener("click", () => DEEDS[button.dataset.key]());
  show();
})();

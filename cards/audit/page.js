"use strict";
// The page's behaviour. Rows are hostile text: they come as JSON and are written with textContent alone, never as markup.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const STEP = 50;
  const MARKS = { evidence: "mark", old: "del", new: "ins" };

  function element(name, properties = {}, children = []) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function pieces(list) {
    return list.map(([what, text]) => (MARKS[what] ? element(MARKS[what], { textContent: text }) : document.createTextNode(text)));
  }

  function fields(row) {
    const list = element("dl");
    for (const [name, text] of Object.entries(row.fields)) {
      if (text.length) list.append(element("dt", { textContent: name }), element("dd", {}, pieces(text)));
    }
    return list;
  }

  function side(title, id, row) {
    const heading = element("h3", { textContent: `${title} ` }, [element("span", { className: "id dim", textContent: id })]);
    return element("div", { className: "side" }, [heading, fields(row)]);
  }

  // A row that opens: what is inside is made when it is first opened.
  function opening(cells, inside) {
    const box = element("details", {}, [element("summary", {}, cells)]);
    box.addEventListener("toggle", () => {
      if (box.open && box.children.length === 1) box.append(element("div", { className: "inside" }, inside()));
    });
    return box;
  }

  function dropped(row) {
    const cells = [
      element("span", { className: "id", textContent: row.id }),
      element("span", { className: "tag", textContent: `${row.stage}: ${row.rule}` }),
      element("span", { className: "first dim", textContent: (row.duplicate_of && row.first) || row.evidence || row.first }),
    ];
    return opening(cells, () => {
      const facts = [row.evidence && `evidence: ${row.evidence}`, row.score !== null && `score ${row.score}`, row.edits && `repaired: ${row.edits}`, row.flags && `also: ${row.flags}`];
      const parts = [element("p", { className: "dim text", textContent: facts.filter(Boolean).join(" · ") })];
      const sides = [];
      if (row.fields) sides.push(side("dropped", row.id, row));
      if (row.duplicate_of) sides.push(side("kept row", row.duplicate_of.id, row.duplicate_of));
      if (!row.fields) parts.push(element("p", { className: "dim", textContent: "Its text is in the source, which was not at hand when this page was made." }));
      parts.push(element("div", { className: "sides" }, sides));
      return parts;
    });
  }

  function kept(row) {
    const cells = [
      element("span", { className: "id", textContent: row.id }),
      element("span", { className: "tag", textContent: row.about }),
      element("span", { className: "first dim", textContent: row.first }),
    ];
    return opening(cells, () => [
      element("div", { className: "prompt text", textContent: row.prompt }),
      element("div", { className: "completion text", textContent: row.completion }),
    ]);
  }

  // A list that is searched, filtered and shown STEP rows at a time.
  function explorer(name, rows, draw) {
    const root = document.getElementById(name);
    if (!root) return;
    const [search, choice] = [root.querySelector("input"), root.querySelector("select")];
    const [list, count, more] = [root.querySelector(".list"), root.querySelector("[aria-live]"), root.querySelector("button")];
    let found = rows;
    function extend() {
      const next = found.slice(list.children.length, list.children.length + STEP);
      list.append(...next.map(draw));
      more.hidden = list.children.length >= found.length;
      const shown = list.children.length.toLocaleString("en");
      count.textContent = `${found.length.toLocaleString("en")} of ${rows.length.toLocaleString("en")} rows match; ${shown} shown.`;
    }
    function refresh() {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      found = rows.filter((row) => (!choice || !choice.value || row.rule === choice.value) && words.every((word) => row.search.includes(word)));
      list.replaceChildren();
      extend();
    }
    search.addEventListener("input", refresh);
    if (choice) choice.addEventListener("change", refresh);
    more.addEventListener("click", extend);
    refresh();
  }

  function searchable(row) {
    const text = [row.id, row.rule, row.evidence, row.prompt, row.completion];
    for (const part of [row, row.duplicate_of]) {
      if (part && part.fields) text.push(...Object.values(part.fields).map((list) => list.map((piece) => piece[1]).join("")));
    }
    return { ...row, search: text.filter(Boolean).join("\n").toLowerCase() };
  }

  // ---- light and dark -----------------------------------------------------------------------------------------------

  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const theme = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
  const button = document.getElementById("theme");
  const label = () => { button.textContent = theme() === "dark" ? "Light" : "Dark"; };
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = theme() === "dark" ? "light" : "dark";
    label();
  });
  dark.addEventListener("change", label);

  explorer("dropped", data.dropped.map(searchable), dropped);
  explorer("kept", data.kept.map(searchable), kept);
  label();
})();

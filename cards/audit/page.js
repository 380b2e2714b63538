// One row, and what the page is made of. Rows are hostile text: they are written with textContent alone, never as markup.
const data = JSON.parse(document.getElementById("data").textContent);
const STEP = 50;
const MISSING = "Its text is in the source, which was not at hand when this page was made.";

function element(name, properties = {}, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

// ---- rows, unpacked -------------------------------------------------------------------------------------------------

async function unpacked(place) {
  const text = atob(document.getElementById(`rows-${place}`).textContent);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

function listed(columns, count) {
  const names = Object.keys(columns);
  return Array.from({ length: count }, (_, place) => {
    const row = { place, edits: [], flags: [], here: [], text: null, folded: "" };
    for (const name of names) row[name] = columns[name][place];
    return row;
  });
}

function withTexts(rows, from, columns) {
  const names = Object.keys(columns);
  rows.slice(from, from + data.block).forEach((row, place) => {
    row.text = {};
    for (const name of names) if (columns[name][place] !== null) row.text[name] = columns[name][place];
    row.folded = fold([row.folded, ...Object.values(row.text)].join("\n"));
  });
}

// ---- one row --------------------------------------------------------------------------------------------------------

const FIELDS = ["instruction", "input", "output", "rejected_output"];

function texts(row, pieces) {
  const list = element("dl");
  for (const name of FIELDS) {
    if (!row.text[name]) continue;
    const parts = pieces(name).map(([mark, text]) => (mark ? element("mark", { textContent: text }) : document.createTextNode(text)));
    list.append(element("dt", { textContent: name }), element("dd", { lang: spoken(row, name) }, parts));
  }
  return list;
}

// The languages of question and answer as they were decided; none where nobody asked.
function languages(row) {
  const found = /^(\S+?)(?:, answer (\S+))?$/.exec(row.language || "");
  return found ? [found[1], found[2] || found[1]] : [];
}

// The language that a text is read aloud in: as decided, else that of the recipe.
function spoken(row, name) {
  const said = languages(row)[name === "output" ? 1 : 0] || "";
  return /^[a-z]{2,3}$/.test(said) ? said : data.language;
}

function side(title, row, pieces) {
  const heading = element("h3", { textContent: `${title} ` }, [element("span", { className: "id dim", textContent: row.id })]);
  return element("div", { className: "side" }, [heading, row.text && row.text.instruction !== undefined ? texts(row, pieces) : element("p", { className: "dim", textContent: MISSING })]);
}

// The command that tells the row's story, to be copied.
function command(row) {
  const code = element("code", { textContent: `aguila explain ${data.reference} ${data.quoted[row.place] || row.id}` });
  const button = element("button", { type: "button", textContent: "Copy", className: "small" });
  button.addEventListener("click", async () => {
    getSelection().selectAllChildren(code);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch (error) {
      button.textContent = "Press Ctrl+C";
    }
  });
  return element("p", { className: "command" }, [code, button]);
}

function told(row) {
  const facts = [
    data.reasons[row.rule] && `${row.rule}: ${data.reasons[row.rule]}`,
    ...row.flags.filter((flag) => data.reasons[flag]).map((flag) => `${flag}: ${data.reasons[flag]}`),
    row.evidence && `evidence: ${row.evidence}`,
    row.score !== null && row.score !== undefined && `score ${row.score}`,
    row.edits.length && `repaired: ${row.edits.join(", ")}`,
    row.flags.length && `flags: ${row.flags.join(", ")}`,
    row.language && `language ${row.language}`,
    row.origin && `origin ${row.origin}`,
  ];
  return element("p", { className: "facts dim text", textContent: facts.filter(Boolean).join(" · "), hidden: !facts.some(Boolean) });
}

function inside(row, byId) {
  const parts = [told(row)];
  const twin = row.duplicate_of ? byId.get(row.duplicate_of) : null;
  if (twin && row.text && twin.text && row.text.instruction !== undefined && twin.text.instruction !== undefined) {
    const both = Object.fromEntries(FIELDS.map((name) => [name, compared(row.text[name] || "", twin.text[name] || "")]));
    parts.push(element("div", { className: "sides" }, [side("dropped", row, (name) => both[name][0]), side("kept row", twin, (name) => both[name][1])]));
  } else if (row.text && row.text.prompt !== undefined && !row.flags.length) {
    parts.push(element("div", { className: "prompt text", lang: data.language, textContent: row.text.prompt }));
    parts.push(element("div", { className: "completion text", lang: data.language, textContent: row.text.completion }));
  } else {
    const pieces = evidencePieces(row);
    parts.push(side(row.status, row, (name) => marked(row.text[name], pieces)));
  }
  if (data.reference) parts.push(command(row));
  return parts;
}

// ---- light and dark -------------------------------------------------------------------------------------------------

function themes() {
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const theme = () => document.documentElement.dataset.theme || (dark.matches ? "dark" : "light");
  const button = document.getElementById("theme");
  const label = () => { button.textContent = theme() === "dark" ? "Light" : "Dark"; };
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = theme() === "dark" ? "light" : "dark";
    label();
  });
  dark.addEventListener("change", label);
  label();
}

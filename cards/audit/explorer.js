// The list of rows: searched, filtered by facets, shown STEP at a time; what is asked for stands in the page's address.
const LENGTHS = [[0, "no words"], [1, "1 to 9 words"], [10, "10 to 49"], [50, "50 to 149"], [150, "150 to 499"], [500, "500 or more"]];
const HERE = { flagged: "kept, with a flag", twin: "kept, and others dropped for it", sample: "kept, a sample by hash" };

const FACETS = {
  is: (row) => (row.status === "dropped" ? ["dropped"] : row.here),
  rule: (row) => (row.rule ? [`${row.stage}: ${row.rule}`] : []),
  flag: (row) => row.flags,
  origin: (row) => (row.origin === null || row.origin === undefined ? [] : [row.origin]),
  split: (row) => (row.split ? [row.split] : []),
  language: (row) => languages(row).map((one, place) => `${place ? "answer" : "question"} ${one}`),
  length: (row) => (row.words === null || row.words === undefined ? [] : [String(LENGTHS.filter(([from]) => row.words >= from).length - 1)]),
};

function named(facet, value) {
  if (facet === "length") return LENGTHS[value][1];
  if (facet === "is") return HERE[value] || data.looks[value] || value;
  return value || "none named";
}

function number(count) {
  return count.toLocaleString("en");
}

// The options of a facet with how many rows each has; one without a choice is hidden.
function options(select, facet, rows) {
  const counts = new Map();
  for (const row of rows) for (const value of FACETS[facet](row)) counts.set(value, (counts.get(value) || 0) + 1);
  const order = facet === "length" ? (one, other) => one[0] - other[0] : (one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1);
  for (const [value, count] of [...counts].sort(order)) {
    select.append(element("option", { value: JSON.stringify(value), textContent: `${named(facet, value)} (${number(count)})` }));
  }
  select.closest("label").hidden = counts.size < 1;
}

async function explorer() {
  const root = document.getElementById("rows");
  const [search, list, count, more] = [root.querySelector("input"), root.querySelector(".list"), root.querySelector("[aria-live]"), root.querySelector(".more")];
  const selects = Object.fromEntries([...root.querySelectorAll("select")].map((select) => [select.name, select]));
  if (typeof DecompressionStream !== "function") {
    count.textContent = `This browser cannot unpack the rows: it has no DecompressionStream (Chromium 80, Firefox 113, Safari 16.4 and later have). ${data.otherwise}`;
    return;
  }
  const rows = data.blocks ? listed(await unpacked(0), data.rows) : [];
  const byId = new Map(rows.map((row) => [row.id, row]));
  let [found, ready, only] = [rows, false, null];

  for (const row of rows) row.folded = fold([row.id, row.rule, row.evidence, row.duplicate_of, row.first, ...row.edits, ...row.flags].filter(Boolean).join("\n"));
  for (const [facet, select] of Object.entries(selects)) options(select, facet, rows);

  function extend() {
    const next = found.slice(list.children.length, list.children.length + STEP);
    list.append(...next.map(drawn));
    tell();
  }

  function tell() {
    more.hidden = list.children.length >= found.length;
    const waiting = ready || !search.value ? "" : " Texts are still being unpacked.";
    count.textContent = `${number(found.length)} of ${number(rows.length)} rows match; ${number(list.children.length)} shown.${waiting}`;
  }

  function drawn(row) {
    const cells = [
      element("span", { className: "id", textContent: row.id }),
      element("span", { className: "tag", textContent: row.status === "dropped" ? `${row.stage}: ${row.rule}` : [row.split || "kept", ...row.flags].join(", ") }),
      element("span", { className: "first dim", textContent: row.first || row.evidence || "", lang: row.first ? spoken(row, "instruction") : "en" }),
    ];
    const box = element("details", {}, [element("summary", {}, cells)]);
    box.addEventListener("toggle", async () => {
      if (!box.open || box.children.length > 1) return;
      const within = element("div", { className: "inside" });
      box.append(within);
      await loaded;
      within.append(...inside(row, byId));
    });
    return box;
  }

  // The rows of an id's group: itself, the row that was kept in its place, and all that were dropped for that one.
  function group(id) {
    const kept = byId.get(id) ? byId.get(id).duplicate_of || id : id;
    return (row) => row.id === kept || row.id === id || row.duplicate_of === kept || row.duplicate_of === id;
  }

  function refresh() {
    const asked = search.value.trim();
    const words = fold(asked).split(/\s+/).filter(Boolean);
    const isId = byId.has(asked) || rows.some((row) => row.duplicate_of === asked);
    const matches = isId ? group(asked) : (row) => words.every((word) => row.folded.includes(word));
    const chosen = Object.entries(selects).filter(([, select]) => select.value).map(([facet, select]) => [facet, JSON.parse(select.value)]);
    found = rows.filter((row) => chosen.every(([facet, value]) => FACETS[facet](row).includes(value)) && (!only || only(row)) && matches(row));
    list.replaceChildren();
    extend();
  }

  // ---- the page's address

  function write() {
    const asked = new URLSearchParams();
    if (search.value.trim()) asked.set("q", search.value.trim());
    for (const [facet, select] of Object.entries(selects)) if (select.value) asked.set(facet, JSON.parse(select.value));
    history.replaceState(null, "", `#${asked.toString() || "rows"}`);
  }

  function read(first) {
    const hash = location.hash.slice(1);
    if (!hash.includes("=")) return;
    const asked = new URLSearchParams(hash);
    only = null;
    search.value = asked.get("q") || "";
    for (const [facet, select] of Object.entries(selects)) select.value = asked.has(facet) ? JSON.stringify(asked.get(facet)) : "";
    refresh();
    root.scrollIntoView();
    if (!first) search.focus({ preventScroll: true });
  }

  function changed() {
    only = null;
    write();
    refresh();
  }

  search.addEventListener("input", changed);
  for (const select of Object.values(selects)) select.addEventListener("change", changed);
  more.addEventListener("click", extend);
  root.querySelector(".clear").addEventListener("click", () => {
    search.value = "";
    for (const select of Object.values(selects)) select.value = "";
    changed();
  });
  window.addEventListener("hashchange", () => read(false));
  refresh();
  read(true);
  const loaded = texts_of(rows);
  await loaded;
  ready = true;
  if (search.value) refresh();
  else tell();
  return {
    show: (test) => {
      search.value = "";
      for (const select of Object.values(selects)) select.value = "";
      only = test;
      refresh();
      root.scrollIntoView();
    },
  };
}

// Unpack the texts one block after another; between them the page stays free.
async function texts_of(rows) {
  for (let place = 1; place < data.blocks; place += 1) {
    withTexts(rows, (place - 1) * data.block, await unpacked(place));
    await new Promise((next) => { setTimeout(next); });
  }
}

// The sliders under the scores: how many rows would go or stay at another cut, and which of them are here.
function cuts(list) {
  for (const slider of document.querySelectorAll("input[data-rule]")) {
    const [box, rule, now] = [slider.closest("figure"), slider.dataset.rule, Number(slider.dataset.now)];
    const counts = data.scores[rule], judged = data.judged[rule];
    const reach = (step) => counts.slice(step).reduce((sum, count) => sum + count, 0);
    const tell = () => {
      const step = Number(slider.value);
      const more = reach(step) - reach(now);
      const change = more ? `, ${number(Math.abs(more))} ${more > 0 ? "more" : "fewer"} than from ${((now + 1) / 20).toFixed(2)}` : ", as it is now";
      box.querySelector(".told").textContent = `From ${((step + 1) / 20).toFixed(2)}: ${number(reach(step))} rows would be caught${change}; ${number(counts[step])} lie at the cut.${judged?.[step] ? ` ${judged[step]}` : ""}`;
    };
    slider.addEventListener("input", tell);
    box.querySelector("button").hidden = !list;
    box.querySelector("button").addEventListener("click", () => {
      const step = Number(slider.value);
      const [cut, end] = [(step + 1) / 20 - 1e-9, step === counts.length - 1 ? Infinity : (step + 2) / 20 - 1e-9];
      const near = (row) => (row.rule === rule || row.flags.includes(rule)) && typeof row.score === "number" && row.score >= cut && row.score < end;
      list.show(near);
    });
    tell();
  }
}

themes();
explorer().then(cuts);

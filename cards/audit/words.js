// Texts: compared without accents and case, marked where their evidence is, set beside each other word by word.
const WORD = "[\\p{L}\\p{N}_]";

function fold(text) {
  return text.normalize("NFD").replace(/\p{M}+/gu, "").toLowerCase();
}

// Pieces of the row's own text in its evidence: see cards/shared/entries.py.
function evidencePieces(row) {
  const evidence = row.evidence || "";
  if (row.status === "kept") {
    const names = row.flags.map((name) => name.replace(/[^\w]/g, "\\$&")).join("|");
    return names ? evidence.split(new RegExp(`(?:^|; )(?:${names}): `)).filter(Boolean) : [];
  }
  if (row.stage !== "quality") return [];
  return [row.rule === "contaminated" ? evidence.slice(evidence.indexOf(": ") + 2) : evidence];
}

// A text as [marked, text] pieces. Evidence is found by its words, whatever the case and the signs between them.
function marked(text, evidence) {
  const found = [];
  for (const one of evidence) {
    const plain = one.replace(/ \(× \d+\)$/, "").trim();
    if (!plain) continue;
    const words = plain.match(new RegExp(`${WORD}+`, "gu"));
    const pattern = words ? words.join("[^\\p{L}\\p{N}_]+") : plain.replace(/[^\s]/gu, (sign) => `\\u{${sign.codePointAt(0).toString(16)}}`);
    let spans = [...text.matchAll(new RegExp(`(?<!${WORD})${pattern}`, "giu"))];
    if (!spans.length) spans = [...text.matchAll(new RegExp(pattern, "giu"))];
    for (const span of spans) found.push([span.index, span.index + span[0].length]);
  }
  found.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
  const pieces = [];
  let at = 0;
  for (const [begin, end] of found) {
    if (end <= at) continue;
    if (begin > at) pieces.push([false, text.slice(at, begin)]);
    pieces.push([true, text.slice(Math.max(at, begin), end)]);
    at = end;
  }
  if (at < text.length) pieces.push([false, text.slice(at)]);
  return pieces;
}

// Two texts as [marked, text] pieces each: marked is what the other has not. Beyond COMPARED pairs of words all that differs is one.
const COMPARED = 4e6;
function compared(one, other) {
  const split = (text) => text.match(/[\p{L}\p{N}_\p{M}]+|\s+|[^\p{L}\p{N}_\p{M}\s]/gu) || [];
  const [a, b] = [split(one), split(other)];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1;
  let tail = 0;
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1;
  const [middle, other_middle] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)];
  const [common, other_common] = alike(middle, other_middle);
  const pieces = (words, kept) => joined([
    ...words.slice(0, head).map((word) => [false, word]),
    ...kept.map((same, place) => [!same, words[head + place]]),
    ...words.slice(words.length - tail).filter(() => tail).map((word) => [false, word]),
  ]);
  return [pieces(a, common), pieces(b, other_common)];
}

// Of each word of two lists, whether it is in their longest common part.
function alike(a, b) {
  const kept = [new Array(a.length).fill(false), new Array(b.length).fill(false)];
  if (a.length * b.length > COMPARED) return kept;
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      longest[i * width + j] = a[i] === b[j] ? longest[(i + 1) * width + j + 1] + 1 : Math.max(longest[(i + 1) * width + j], longest[i * width + j + 1]);
    }
  }
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    if (a[i] === b[j]) { kept[0][i] = kept[1][j] = true; i += 1; j += 1; }
    else if (longest[(i + 1) * width + j] >= longest[i * width + j + 1]) i += 1;
    else j += 1;
  }
  return kept;
}

function joined(pieces) {
  const made = [];
  for (const [mark, text] of pieces) {
    if (made.length && made[made.length - 1][0] === mark) made[made.length - 1][1] += text;
    else made.push([mark, text]);
  }
  return made;
}

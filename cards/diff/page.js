"use strict";
// Hides the rows that do not say what is looked for, accents and case aside. Without this script every row is there.
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const box = document.querySelector(".search");
if (box) {
  const rows = [...document.querySelectorAll(".row")].map((row) => [row, folded(row.textContent)]);
  const [field, said] = [box.querySelector("input"), box.querySelector("p")];
  box.hidden = false;
  field.addEventListener("input", () => {
    const words = folded(field.value).split(/\s+/).filter(Boolean);
    let found = 0;
    for (const [row, text] of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      found += !row.hidden;
    }
    said.textContent = words.length ? `${found} of ${rows.length} rows shown` : "";
  });
}

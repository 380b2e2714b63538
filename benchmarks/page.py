"""How large an audit's page is, and how quick in Chromium: to its first row, until all texts can be searched, and a search.

    python benchmarks/page.py audit.html [--runs 3] [--search "no tengo comentarios"]

Needs playwright and Chromium (see `tests/browser.py`). Prints medians.
"""

import argparse
import statistics
import sys
from pathlib import Path

from playwright.sync_api import expect

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.browser import chromium

# From the beginning of navigation until the list has a row.
WATCH = """
new MutationObserver(() => {
  if (!window.firstRow && document.querySelector("#rows .list details")) window.firstRow = performance.now();
}).observe(document, { childList: true, subtree: true });
"""
SEARCH = """
(text) => {
  const search = document.querySelector("#rows input");
  const begin = performance.now();
  search.value = text;
  search.dispatchEvent(new Event("input"));
  document.querySelector("#rows .list").getBoundingClientRect();
  return performance.now() - begin;
}
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("page", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--search", default="no tengo comentarios")
    asked = parser.parse_args()
    print(f"page {asked.page.stat().st_size / 1e6:.1f} MB")
    found: dict[str, list[float]] = {"first row": [], "all texts": [], "search": [], "search for nothing": []}
    with chromium() as browser:
        for _ in range(asked.runs):
            page = browser.new_page()
            page.add_init_script(WATCH)
            page.goto(asked.page.resolve().as_uri())
            page.locator("#rows .list details").first.wait_for()
            page.locator("#rows input").fill("x")  # the list says so until every text is there
            expect(page.locator("#rows [aria-live]")).not_to_contain_text("unpacked", timeout=60_000)
            found["all texts"].append(page.evaluate("performance.now()"))
            found["first row"].append(page.evaluate("window.firstRow"))
            found["search"].append(page.evaluate(SEARCH, asked.search))
            said = page.locator("#rows [aria-live]").inner_text()
            found["search for nothing"].append(page.evaluate(SEARCH, "zzqx wvut"))
            page.close()
    print(f"{asked.search!r}: {said}")
    for name, times in found.items():
        print(f"median {name} {statistics.median(times):.0f} ms")


if __name__ == "__main__":
    main()

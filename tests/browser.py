"""Headless Chromium: the machine's, or the one that `playwright install chromium` fetches."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser; skips the test by name where there is none."""
    with sync_playwright() as playwright:
        found = next((path for name in BROWSERS if (path := shutil.which(name))), playwright.chromium.executable_path)
        if not Path(found).exists():
            pytest.skip("needs Chromium (a package of the system, or `playwright install chromium`)")
        one = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield one
        one.close()

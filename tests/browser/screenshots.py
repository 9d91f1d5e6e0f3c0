"""``python -m tests.browser.screenshots``: the pictures in ``docs/img``, of the sample class's own pages.

The sample class is graded anew, so that the pictures show what the pages are now.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser import chromium

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "img"
STUDENT, QUESTION = "lying-module-list", "question-10"  # whose page is shown, and where
SCHEMES = {"en": "light", "ko": "dark"}
WIDTH, HEIGHT = 1000, 1180


def main() -> None:
    executable = chromium.found()
    if executable is None:
        sys.exit(chromium.MISSING)
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium.launched(executable) as browser:
        for language, scheme in SCHEMES.items():
            out = Path(folder, language)
            command = ["grade", "dl1", "--out", str(out), "--lang", language, "--seed", "7"]
            grader = Path(sys.executable).with_name("grader")
            subprocess.run([grader, *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
            shoot(browser, out / "report/dl1/index.html", "", scheme, IMAGES / f"class-{language}.png")
            page = next((out / "feedback" / STUDENT / "dl1").glob("*.html"))
            shoot(browser, page, f"#{QUESTION}", scheme, IMAGES / f"student-{language}.png")


def shoot(browser: Browser, path: Path, fragment: str, scheme: str, image: Path) -> None:
    """What a desktop shows of the page, from the fragment on, its first hint unfolded."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    page.goto(path.as_uri() + fragment)
    if fragment:
        page.locator(f"{fragment} .finding details").first.evaluate("(one) => { one.open = true }")
        page.locator(fragment).scroll_into_view_if_needed()
    page.screenshot(path=image)
    context.close()
    print(image.relative_to(ROOT))


if __name__ == "__main__":
    main()

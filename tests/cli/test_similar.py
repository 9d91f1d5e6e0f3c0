"""``grader similar``: what it says, and where the page lies."""

from __future__ import annotations

from pathlib import Path

from tests.cli.stub import World
from tests.similarity.test_page import page
from tests.similarity.test_ranking import ODD, RENAMED


def test_pairs_are_told_and_shown(here: World, tmp_path: Path) -> None:
    """The pair, its share, how rare its rarest piece is, and the page."""
    page(here.root, kim=ODD, lee=RENAMED)
    code, out, _ = here.grader("similar", "tiny", "--lang", "en")
    assert code == 0
    assert "100 %  kim · lee  (rarest shared piece: 2 in the class)" in out
    assert (here.root / "graded/similar/tiny/index.html").is_file()


def test_without_results_there_is_nothing_to_compare(here: World) -> None:
    """Exit code 2, and what to do."""
    code, _, err = here.grader("similar", "dl1")
    assert code == 2
    assert "Grade first: grader grade dl1" in err

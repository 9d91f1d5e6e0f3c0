"""A check that never ends, through real workers: proving and grading end all the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder import scaffold
from autograder.course.config import find_course
from autograder.engine.options import Options
from autograder.sandbox.layers import probe
from autograder.verification import verify

SPINS = """

@layer.check(points=1, about={"en": "Whether output is anything but fours"})
def test_spins_at_fours(answer):
    fours = answer.tensor("output").value.tolist() == [[4.0, 4.0]]
    while fours:
        pass
"""
ANSWER = "layer = nn.Linear(3, 2)\noutput = torch.full((1, 2), 4.0)"
LIMITS = "[limits]\ncell_seconds = 2\nsubmission_seconds = 2\ngrading_seconds = 2\n"


def test_a_check_that_never_ends_is_a_hole_that_names_it(tmp_path: Path) -> None:
    """Two workers are ended at the one notebook that it hangs with; all others are proven."""
    if missing := [report.name for report in probe() if not report.works]:
        pytest.skip(f"needs every layer of the sandbox; missing: {', '.join(missing)}")
    scaffold.write(tmp_path, "mini", ["en"])
    (tmp_path / "grader.toml").write_text(LIMITS)
    solution = tmp_path / "solutions/mini"
    hidden = solution / "test_hidden.py"
    hidden.write_text(hidden.read_text() + SPINS)
    made = json.loads((solution / "wrong/without-bias.ipynb").read_bytes())
    made["cells"][-1]["source"] = ANSWER
    made["metadata"]["autograder"] = {"loses": ["layer.spins_at_fours"]}
    (solution / "wrong/fours.ipynb").write_text(json.dumps(made))
    proof = verify.verify(find_course(tmp_path), "mini", Options(1, 7, None, frozenset()))
    assert [(hole.case, hole.check) for hole in proof.holes] == [("wrong/fours", verify.EVERYTHING)]
    assert "had not finished after 4 s at the check layer.spins_at_fours" in proof.holes[0].happened
    assert proof.cases == 6

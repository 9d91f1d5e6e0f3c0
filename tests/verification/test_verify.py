"""Proving checks: what is right passes, what is wrong loses what it says, and every hole is named."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from autograder.course.assignment import Assignment
from autograder.course.config import Config, Course
from autograder.errors import AssignmentError
from autograder.results import (
    CheckResult,
    Environment,
    Finding,
    Outcome,
    QuestionResult,
    Result,
    Submission,
    Ungraded,
)
from autograder.submissions.found import Found
from autograder.verification.causes import Tally
from autograder.verification.verify import Case, Hole, Proof, cases, compared, verify
from tests.builders import ANSWERS, course, notebook, source_cells, student_cells, text

SECTIONS = '<a id="layers"></a>\n## Layers\n\n<a id="models"></a>\n## Models\n\nGood luck.'
CHECKS = ("linear.maps", "linear.shape[a]", "linear.shape[b]", "conv.maps", "model.maps", "custom.maps")
Marks = Callable[[str, str], bool]  # (notebook, check) → passed


def releasable(name: str) -> list[dict[str, Any]]:
    """The tiny course's cells, as a release wants them: with ids and an English text."""
    cells = [*source_cells(), text(SECTIONS)]
    for number, cell in enumerate(cells):
        cell["id"] = f"{name}-{number}"
        if cell["cell_type"] == "markdown":
            cell["metadata"] = {"tags": ["lang-en"]}
    return cells


def tiny(root: Path, name: str = "tiny") -> Assignment:
    """The tiny course on disk, releasable."""
    assignment = course(root, name=name)
    path = root / "solutions" / name / f"{name}.ipynb"
    whole = json.loads(notebook(releasable(name)))
    path.write_text(json.dumps(whole | {"nbformat_minor": 5}), encoding="utf-8")
    return assignment


def known(root: Path, kind: str, name: str, *loses: str, because: object = None) -> None:
    """A notebook in ``right/`` or ``wrong/`` of the tiny course."""
    folder = root / "solutions/tiny" / kind
    folder.mkdir(exist_ok=True)
    stated = {"because": because} if because else {}
    metadata = {"autograder": {"loses": list(loses)} | stated} if loses else {}
    (folder / f"{name}.ipynb").write_bytes(notebook(student_cells(), metadata))


def result(name: str, marks: Marks, ungraded: Ungraded | None = None, code: str = "wrong_shape") -> Result:
    checks = [
        CheckResult(
            check,
            Outcome.PASSED if marks(name, check) else Outcome.FAILED,
            2.0 if marks(name, check) else 0.0,
            2.0,
            "hidden",
            {},
            [] if marks(name, check) else [Finding(code, "(1, 5)", "(5,)", {"name": "output"})],
        )
        for check in CHECKS
    ]
    score = sum(check.points for check in checks)
    return Result(
        assignment="tiny",
        student=name,
        status="ungraded" if ungraded else "graded",
        score=None if ungraded else score,
        max_score=2.0 * len(checks),
        seed=1,
        language="en",
        submission=Submission("", ""),
        assignment_digest="",
        environment=Environment("", {}),
        timing={},
        questions=[] if ungraded else [QuestionResult("linear", score, 12.0, checks)],
        ungraded=ungraded,
    )


def right(name: str, check: str) -> bool:
    """Checks that are as they should be, for notebooks that are what their names say."""
    if name.startswith(("untouched", "empty")):
        return False
    return not (name == "wrong/no-linear" and check.startswith("linear."))


@dataclass
class Engine:
    """An engine that gives marks; ``seen`` is what it was handed."""

    marks: Marks = right
    broken: dict[str, Ungraded] = field(default_factory=dict)
    leaves_out: str = ""
    code: str = "wrong_shape"
    seen: dict[str, bytes] = field(default_factory=dict)

    def run(self, course: Course, name: str, found: Sequence[Found], options: object) -> Iterator[Any]:
        for one in reversed(found):
            self.seen[one.student] = one.path.read_bytes()
            if one.student != self.leaves_out:
                graded = result(one.student, self.marks, self.broken.get(one.student), self.code)
                faults = ("ValueError: ours\nTraceback\n  …",) if graded.ungraded else ()
                yield Record(graded, faults)


@dataclass(frozen=True)
class Record:
    result: Result
    faults: tuple[str, ...] = ()


@pytest.fixture
def prove(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Engine], Proof]:
    """Verify the tiny course with an engine of the test's."""

    def proof(engine: Engine) -> Proof:
        module: Any = ModuleType("autograder.engine.local")
        module.run = engine.run
        monkeypatch.setitem(sys.modules, module.__name__, module)
        options: Any = None
        return verify(Course(tmp_path, Config()), "tiny", options)

    return proof


def test_right_checks_have_no_holes(tmp_path: Path, prove: Callable[[Engine], Proof]) -> None:
    """Every kind of notebook is graded, each verdict counts, and nothing is found."""
    tiny(tmp_path)
    known(tmp_path, "right", "perfect")
    known(tmp_path, "wrong", "no-linear", "linear.*")
    engine = Engine()
    proof = prove(engine)
    assert proof.holes == ()
    assert (proof.cases, proof.verdicts) == (6, 6 * len(CHECKS))
    assert set(engine.seen) == {
        *("reference", "untouched.en", "empty", "empty-object", "right/perfect", "wrong/no-linear")
    }
    assert proof.notes == ("no wrong notebook loses conv.maps, custom.maps, model.maps",)


def test_missing_folders_are_a_note(tmp_path: Path, prove: Callable[[Engine], Proof]) -> None:
    """A course without right/ and wrong/ can be verified, and is told that there are none."""
    tiny(tmp_path)
    proof = prove(Engine())
    assert proof.holes == ()
    assert [Path(note.split()[0]).name for note in proof.notes] == ["right", "wrong"]


def test_a_section_that_is_nowhere_is_a_note(tmp_path: Path, prove: Callable[[Engine], Proof]) -> None:
    """Once for each question that says it."""
    tiny(tmp_path)
    path = tmp_path / "assignments/tiny/assignment.toml"
    path.write_text(path.read_text().replace('"models"', '"model"'))
    noted = [note for note in prove(Engine()).notes if note.startswith("questions.")]
    assert [note.partition(":")[0] for note in noted] == ["questions.model.section", "questions.custom.section"]


@pytest.mark.parametrize(
    ("case", "check", "expected", "happened"),
    [
        (
            "reference",
            "conv.maps",
            "passed",
            "failed, 0 of 2; wrong_shape (expected=(1, 5), found=(5,), name=",
        ),
        ("right/perfect", "conv.maps", "passed", "failed, 0 of 2"),
        ("untouched.en", "model.maps", "lost", "passed, 2 of 2"),
        ("empty", "model.maps", "lost", "passed, 2 of 2"),
        ("empty-object", "custom.maps", "lost", "passed, 2 of 2"),
        ("wrong/no-linear", "linear.maps", "lost", "passed, 2 of 2"),
        ("wrong/no-linear", "conv.maps", "passed", "failed, 0 of 2"),
    ],
)
def test_a_wrong_verdict_is_a_hole(
    tmp_path: Path,
    prove: Callable[[Engine], Proof],
    case: str,
    check: str,
    expected: str,
    happened: str,
) -> None:
    """One verdict the wrong way round is one hole that names notebook, check, and what happened instead."""
    tiny(tmp_path)
    known(tmp_path, "right", "perfect")
    known(tmp_path, "wrong", "no-linear", "linear.*")
    proof = prove(Engine(lambda name, one: right(name, one) != ((name, one) == (case, check))))
    (hole,) = proof.holes
    assert (hole.case, hole.check, hole.expected) == (case, check, expected)
    assert hole.happened.startswith(happened)


def test_what_the_reference_fails_is_no_hole_of_every_other_notebook_as_well(
    tmp_path: Path, prove: Callable[[Engine], Proof]
) -> None:
    """A check that is wrong shows once, and the rest is counted; what else goes wrong still shows."""
    tiny(tmp_path)
    known(tmp_path, "right", "perfect")
    known(tmp_path, "right", "other")
    broken = {("right/other", "conv.maps")}
    proof = prove(
        Engine(lambda name, one: right(name, one) and one != "linear.maps" and (name, one) not in broken)
    )
    told = {(hole.case, hole.check) for hole in proof.holes}
    assert told == {("reference", "linear.maps"), *broken}
    assert any(note.startswith("2 more in right and wrong notebooks") for note in proof.notes)


def test_a_notebook_without_a_grade_is_a_hole(tmp_path: Path, prove: Callable[[Engine], Proof]) -> None:
    """What could not be graded, or never came back, is no proof; our own fault's first line is noted."""
    tiny(tmp_path)
    proof = prove(
        Engine(broken={"reference": Ungraded("grader_fault", "grader", "torn")}, leaves_out="empty")
    )
    assert proof.holes == (
        Hole("reference", "every check", "a grade", "ungraded: grader_fault torn"),
        Hole("empty", "—", "a result", "none"),
    )
    assert "reference: ValueError: ours" in proof.notes


def test_a_fault_that_many_notebooks_meet_is_noted_once(tmp_path: Path, prove: Callable[[Engine], Proof]) -> None:
    """With the first of them, in the order in which they are told, and with their number."""
    tiny(tmp_path)
    ours = Ungraded("grader_fault", "grader", "torn")
    proof = prove(Engine(broken={"empty": ours, "reference": ours, "untouched.en": ours}))
    assert [note for note in proof.notes if "ours" in note] == ["reference and 2 more: ValueError: ours"]


def test_a_check_that_fails_itself_is_never_a_lost_one() -> None:
    """A grader_error is a hole even where the check was to be lost."""
    graded = result("wrong/x", lambda name, check: True)
    (question,) = graded.questions
    broken = CheckResult("linear.maps", Outcome.GRADER_ERROR, 0.0, 2.0, "hidden", {})
    question.checks[:] = [broken]
    (hole,) = compared(Case("wrong", "wrong/x", b"", ("*",)), graded)
    assert (hole.check, hole.happened) == ("linear.maps", "grader_error, 0 of 2")


def test_a_result_without_checks_proves_nothing() -> None:
    """Nothing passes by being empty."""
    graded = result("reference", right)
    graded.questions.clear()
    (hole,) = compared(Case("reference", "reference", b""), graded)
    assert hole.happened == "none: the result has no checks"


@pytest.mark.parametrize(
    ("pattern", "lost"),
    [
        ("linear.shape[a]", ["linear.shape[a]"]),
        ("linear.shape*", ["linear.shape[a]", "linear.shape[b]"]),
        ("linear.*", ["linear.maps", "linear.shape[a]", "linear.shape[b]"]),
        ("*", list(CHECKS)),
    ],
)
def test_patterns(pattern: str, lost: list[str]) -> None:
    """A star stands for anything; the brackets of a case are themselves."""
    case = Case("wrong", "wrong/x", b"", (pattern,))
    assert list(compared(case, result("x", lambda name, check: check not in lost))) == []


@pytest.mark.parametrize("pattern", ["linear", "linear.shape[c]", "linear.shape?", "Linear.*", "*.linear"])
def test_a_pattern_that_means_no_check_is_a_hole(pattern: str) -> None:
    """A misspelt id would else prove that nothing is lost."""
    holes = list(compared(Case("wrong", "wrong/x", b"", (pattern,)), result("x", lambda name, check: True)))
    assert holes == [Hole("wrong/x", pattern, "a check with such an id", "there is none")]


@pytest.mark.parametrize(
    ("because", "check", "expected"),
    [
        ({"linear.*": "wrong_shape"}, None, None),
        ({"linear.maps": "softmax_wrong_dim"}, "linear.maps", "lost, and why: softmax_wrong_dim"),
        ({"conv.maps": "wrong_shape"}, "conv.maps", "a check it loses with such an id"),
        ({"linear.shape[c]": None}, "linear.shape[c]", "a check it loses with such an id"),
    ],
)
def test_a_cause_that_is_not_shown_is_a_hole(
    tmp_path: Path,
    prove: Callable[[Engine], Proof],
    because: dict[str, str | None],
    check: str | None,
    expected: str | None,
) -> None:
    """A wrong notebook's stated cause is compared at each check it loses; an id that means none is a hole."""
    tiny(tmp_path)
    known(tmp_path, "wrong", "no-linear", "linear.*", because=because)
    proof = prove(Engine())
    assert [(hole.check, hole.expected) for hole in proof.holes] == ([(check, expected)] if check else [])
    assert proof.diagnoses == Tally(lost=3)


def test_a_diagnosis_that_nobody_stated_is_a_hole(tmp_path: Path, prove: Callable[[Engine], Proof]) -> None:
    """A wrong notebook that states no cause must get no diagnosis: it would be another than the true one."""
    tiny(tmp_path)
    known(tmp_path, "wrong", "no-linear", "linear.*")
    proof = prove(Engine(code="softmax_wrong_dim"))
    assert {hole.expected for hole in proof.holes} == {"lost, and why: no diagnosis"}
    assert proof.diagnoses == Tally(lost=3, diagnosed=3, true=0)


@pytest.mark.parametrize("loses", [None, [], "linear.*", [1]])
def test_a_wrong_notebook_has_to_say_what_it_loses(tmp_path: Path, loses: object) -> None:
    """Without the ids in its metadata a wrong notebook proves nothing, and is refused by name."""
    assignment = tiny(tmp_path)
    folder = tmp_path / "solutions/tiny/wrong"
    folder.mkdir()
    (folder / "x.ipynb").write_bytes(notebook(student_cells(), {"autograder": {"loses": loses}}))
    with pytest.raises(AssignmentError, match=r"wrong/x\.ipynb: its metadata does not say"):
        cases(tmp_path, assignment)


def test_empty_answers_bind_every_name(tmp_path: Path) -> None:
    """Each name is an empty Sequential, each class an empty module; once its objects stand for the rest."""
    found, _ = cases(tmp_path, tiny(tmp_path))
    answers = {
        case.name: {
            cell["metadata"]["nbgrader"]["grade_id"]: cell["source"]
            for cell in json.loads(case.notebook)["cells"]
            if cell["metadata"].get("nbgrader", {}).get("solution")
        }
        for case in found
        if case.kind == "empty"
    }
    empty = "from torch import nn\n"
    assert answers["empty"] == {
        "linear": f"{empty}linear_layer = nn.Sequential()\noutput = nn.Sequential()",
        "conv": f"{empty}conv_layer = nn.Sequential()\noutput = nn.Sequential()",
        "model": f"{empty}model = nn.Sequential()",
        "custom": f"{empty}class Custom(nn.Module):\n    pass\nmodel = nn.Sequential()",
    }
    assert answers["empty-object"]["custom"].endswith("model = Custom()")


PUBLIC = """
from torch import nn
from autograder.checks import assert_same_computation, question

@question("linear").check(points=6)
def test_maps(answer):
    assert_same_computation(answer.module("linear_layer"), nn.Linear(10, 5), input_shape=(10,))

@question("conv").check(points=2)
def test_is_a_module(answer):
    answer.module("conv_layer")
"""
HIDDEN = """
from torch import nn
from autograder.checks import assert_same_computation, question

@question("model").check(points=1)
def test_maps(answer):
    assert_same_computation(answer.module("model"), nn.Linear(2, 1), input_shape=(2,))

@question("custom").check(points=1)
def test_is_its_own(answer):
    answer.module("model", of="Custom")
"""


def test_holes_are_found_for_real(tmp_path: Path) -> None:
    """In the sandbox, with real checks: those that any module passes are found, the others hold."""
    from autograder.engine.options import Options
    from autograder.sandbox.layers import probe

    if missing := [f"{layer.name}: {layer.why}" for layer in probe() if not layer.works]:
        pytest.skip(f"this machine cannot isolate ({'; '.join(missing)})")
    tiny(tmp_path)
    (tmp_path / "grader.toml").touch()
    (tmp_path / "assignments/tiny/test_public.py").write_text(PUBLIC)
    (tmp_path / "solutions/tiny/test_hidden.py").write_text(HIDDEN)
    known(tmp_path, "right", "perfect")
    known(tmp_path, "wrong", "lost-nothing", "linear.maps")
    wrong = student_cells(ANSWERS | {"linear": "linear_layer = nn.Linear(10, 4)\noutput = 1"})
    path = tmp_path / "solutions/tiny/wrong/too-small.ipynb"
    path.write_bytes(
        notebook(wrong, {"autograder": {"loses": ["linear.*"], "because": {"linear.*": "layer_resized"}}})
    )
    proof = verify(Course(tmp_path, Config()), "tiny", Options(1, 7, None, frozenset()))
    assert {(hole.case, hole.check, hole.expected) for hole in proof.holes} == {
        ("empty", "conv.is_a_module", "lost"),
        ("empty-object", "conv.is_a_module", "lost"),
        ("empty-object", "custom.is_its_own", "lost"),
        ("wrong/lost-nothing", "linear.maps", "lost"),
    }
    assert proof.verdicts == 7 * 4

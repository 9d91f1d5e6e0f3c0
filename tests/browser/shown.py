"""Pages to look at: a student's with everything that can stand on one, and classes of any size."""

from __future__ import annotations

import random
from pathlib import Path

import msgspec

from autograder.feedback import render
from autograder.report import write
from autograder.results import CellError, CheckResult, Finding, Outcome, QuestionResult, Remark, Result
from tests.feedback.test_pages import everywhere
from tests.report.classes import FAILED, PASSED, remarked, stored, student, ungraded

CODE = """\
@torch.no_grad()
class Net(nn.Module):  # 신경망
    def __init__(self, p=0.2):
        super().__init__()
        self.layer = nn.Linear(784, 128) if p < 1e-3 else f"a string that is far too long for the width of a phone: {p}"

%time net = Net()
"""


def rich() -> Result:
    """A question for each kind of verdict, with findings, hints, code, output, errors and remarks."""
    questions = []
    for number, outcome in enumerate(Outcome):
        failed = CheckResult(
            id=f"q{number}.two",
            outcome=outcome,
            points=0.0,
            max_points=5.0,
            visibility="hidden",
            about={"en": "Whether the layer has a bias", "ko": "층에 편향이 있는지"},
            findings=[
                Finding(
                    "wrong_shape",
                    "(1, 5)",
                    "(1, 10)" * 40,
                    {"name": "output_tensor", "cell": number, "line": 3},
                ),
                Finding("forward_raised", facts={"error": "RuntimeError", "message": "mat1 and mat2 " * 20}),
            ],
        )
        passed = msgspec.structs.replace(
            failed, id=f"q{number}.one", outcome=PASSED, points=5.0, visibility="public", findings=[]
        )
        questions.append(
            QuestionResult(
                id=f"q{number}",
                score=5.0 if number % 2 else 0.0,
                max_score=10.0,
                checks=[passed, failed] if number % 2 else [failed],
                title={"en": f"Question {number}: a linear layer", "ko": f"문제 {number}: 선형 층"},
                section="layers",
                heading={"en": "Layers", "ko": "층"},
                source=CODE,
                cell_lines={number: 1},
                output="torch.Size([1, 5])\n" * 40,
                error=CellError(number, "NameError", "name 'slef' is not defined", 5),
            )
        )
    return student(
        "김철수",
        questions=questions,
        score=20.0,
        max_score=80.0,
        lesson="https://example.org/lesson",
        remarks=[Remark("cuda_replaced", {"cell": 3}), Remark("network_used", {"cell": 4})],
        headlines={3: "device = 'cuda'", 4: "!wget x"},
        submission=msgspec.convert(
            {"path": "submitted/김철수/dl1/" + "a_very_long_name_" * 8 + ".ipynb", "sha256": "ab" * 32},
            type(student("x").submission),
        ),
    )


def student_page(out: Path, language: str, result: Result | None = None) -> Path:
    path = out / f"student-{language}.html"
    path.write_text(render(result or rich(), language).html, "utf-8")
    return path


def hostile_student_page(out: Path, text: str) -> Path:
    path = out / "hostile.html"
    path.write_bytes(render(everywhere(text), "en").html.encode(errors="replace"))
    return path


def some_class(size: int, seed: int = 7) -> list[Result]:
    """Students of every ability, eleven questions, with the troubles that a class has."""
    chance = random.Random(seed)
    codes = ["bias_missing", "softmax_wrong_dim", "dropout_always_on", "wrong_shape", "different_computation"]
    results = []
    for number in range(size):
        ability, name = chance.random(), f"student-{number:05}"
        if number % 97 == 13:
            results.append(ungraded(name, chance.choice(["notebook_empty", "notebook_is_html"])))
        elif number % 89 == 7:
            results.append(remarked(name, "cuda_replaced", "input_called"))
        else:
            outcomes = [PASSED if chance.random() < 0.3 + 0.7 * ability else FAILED for _ in range(11)]
            if number % 61 == 5:
                outcomes[-1] = Outcome.TIMEOUT
            results.append(student(name, *outcomes, code=chance.choice(codes)))
    return results


def class_page(out: Path, language: str, results: list[Result]) -> Path:
    return write(stored(out, results), "dl1", language)

"""Which pairs are shown: what is unusual, and nothing that everybody has or was handed out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autograder.similarity.ranking import rank
from autograder.similarity.shingles import LENGTH, shingled

COMMON = "layer = nn.Linear(10, 5)\noutput = layer(x)\nprint(output.shape)"
ODD = "total = 0\nfor value in reversed(range(7)):\n    total += value ** 3 // 11\nlayer = nn.Linear(10, total - 4)"
RENAMED = (
    "# my own\ns = 0\nfor each in reversed(range(7)):   # count\n    s += each ** 3 // 11\n\n"
    "first = nn.Linear(10, s - 4)"
)


def classroom(**special: str) -> dict[str, dict[str, str]]:
    """Ten students whose answers all look alike, but for ``special`` ones."""
    sources = {f"student{number}": COMMON for number in range(10)} | special
    return {student: {"linear": source} for student, source in sources.items()}


def test_a_rare_piece_in_two_answers_is_found_under_other_names() -> None:
    """Renaming, comments and blank lines hide nothing; who has only what everybody has is in no pair."""
    (pair,) = rank(classroom(kim=ODD, lee=RENAMED), [], 10)
    assert (pair.left, pair.right) == ("kim", "lee")
    (shared,) = pair.questions
    assert shared.answers == 12
    assert [piece.owners for piece in shared.pieces] == [2]
    (piece,) = shared.pieces
    assert ODD[slice(*piece.left)] == ODD
    assert RENAMED[slice(*piece.right)] == RENAMED.removeprefix("# my own\n")
    assert pair.share == 1


def test_what_everybody_has_is_worth_nothing() -> None:
    """A class of equal answers has no pair."""
    assert rank(classroom(), [], 10) == []


def test_what_was_handed_out_does_not_count() -> None:
    """The same two answers, once their odd piece stood in the notebook that everybody got."""
    assert rank(classroom(kim=ODD, lee=RENAMED), [ODD], 10) == []


def test_questions_are_compared_with_their_like() -> None:
    """An answer to one question is not compared with one to another."""
    answers = classroom()
    answers["student0"]["conv"], answers["lee"] = ODD, {"linear": ODD}
    assert rank(answers, [], 10) == []


def test_the_rarer_comes_first() -> None:
    """Three share one odd piece, two another: the two are first."""
    other = "values = [n * n % 13 for n in range(3, 9) if n != 5]\nlayer = nn.Linear(len(values) * 2, values[0] - 4)"
    pairs = rank(classroom(a=ODD, b=ODD, c=ODD, x=other, y=other), [], 10)
    assert (pairs[0].left, pairs[0].right) == ("x", "y")
    assert {(pair.left, pair.right) for pair in pairs[1:]} == {("a", "b"), ("a", "c"), ("b", "c")}
    assert rank(classroom(a=ODD, b=ODD, c=ODD, x=other, y=other), [], 2) == pairs[:2]


def test_pieces_in_another_order_are_each_found() -> None:
    """Two functions exchanged: both are marked where they stand."""
    first = "def cubes(n):\n    return [k ** 3 - 2 * k for k in range(n) if k % 7 != 3]\n"
    second = (
        "def stairs(n):\n    while n > 1:\n        n = n // 2 if n % 2 == 0 else 3 * n + 1\n    return n\n"
    )
    (pair,) = rank(classroom(kim=first + second, lee=second + first), [], 10)
    (shared,) = pair.questions
    assert len(shared.pieces) >= 2
    for piece in shared.pieces:
        left, right = shared.left[slice(*piece.left)], shared.right[slice(*piece.right)]
        assert len(left.split()) == len(right.split())


@given(st.text(max_size=300))
def test_any_text_has_shingles_where_it_says(source: str) -> None:
    """What is no Python is read as well, and every shingle lies in the source."""
    read = shingled(source)
    assert all(0 <= start < end <= len(source) for start, end in read.spans)
    assert sum(map(len, read.at.values())) == max(0, len(read.spans) - LENGTH + 1)

"""The page of similar answers: every word chosen, both sources cut where a shared piece begins and ends."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from autograder.course.assignment import Assignment
from autograder.feedback.sheet import Sheet, labelled, language_tag
from autograder.messages import Catalogue, catalogue
from autograder.similarity.ranking import Pair, Piece, Shared


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of source; ``piece`` is the number of the shared piece it belongs to, 0 for none."""

    text: str
    piece: int


@dataclass(frozen=True, slots=True)
class QuestionView:
    title: str
    left: list[Segment]
    right: list[Segment]
    pieces: list[str]  # how common each is, in words; numbered from 1


@dataclass(frozen=True, slots=True)
class PairView:
    anchor: str
    left: str
    right: str
    share: str
    rarest: str
    questions: list[QuestionView]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimilarPage(Sheet):
    pairs: list[PairView]


_LABELS = (
    *("similar_accuses_nobody", "similar_method", "similar_none", "similar_pair"),
    *("similar_share", "similar_rarest"),
)


def build(assignment: Assignment, pairs: Sequence[Pair], language: str) -> SimilarPage:
    words = catalogue(language)
    titles = {question.id: words.among(question.title, question.id) for question in assignment.questions}
    return SimilarPage(
        language=language_tag(words),
        heading=words.ui("similar_heading", assignment=assignment.name),
        pairs=[_pair(number, pair, titles, words) for number, pair in enumerate(pairs, start=1)],
        labels=labelled(_LABELS, words),
    )


def _pair(number: int, pair: Pair, titles: Mapping[str, str], words: Catalogue) -> PairView:
    rarest = pair.rarest
    answers = next(one.answers for one in pair.questions if rarest in one.pieces)
    return PairView(
        anchor=f"pair-{number}",
        left=pair.left,
        right=pair.right,
        share=words.ui("similar_percent", percent=round(100 * pair.share)),
        rarest=_common(rarest, answers, words),
        questions=[_question(one, titles, words) for one in pair.questions],
    )


def _question(shared: Shared, titles: Mapping[str, str], words: Catalogue) -> QuestionView:
    return QuestionView(
        title=titles.get(shared.question, shared.question),
        left=list(_segments(shared.left, [piece.left for piece in shared.pieces])),
        right=list(_segments(shared.right, [piece.right for piece in shared.pieces])),
        pieces=[_common(piece, shared.answers, words) for piece in shared.pieces],
    )


def _common(piece: Piece, answers: int, words: Catalogue) -> str:
    return words.ui("similar_owners", count=piece.owners, answers=answers)


def _segments(source: str, spans: Sequence[tuple[int, int]]) -> Iterable[Segment]:
    """The source in stretches; where pieces overlap, the later one goes on where the earlier ends."""
    done = 0
    for (start, end), number in sorted((span, number) for number, span in enumerate(spans, start=1)):
        start = max(start, done)
        if start > done:
            yield Segment(source[done:start], 0)
        if end > start:
            yield Segment(source[start:end], number)
        done = max(done, end)
    if done < len(source):
        yield Segment(source[done:], 0)

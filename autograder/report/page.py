"""One language's view of a class: every word chosen, every number written, nothing escaped yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from autograder.feedback import verdict
from autograder.feedback.sheet import labelled, language_tag
from autograder.messages import Catalogue, Phrase, catalogue
from autograder.report import attention, charts, misconceptions, statistics
from autograder.report.classroom import Classroom, Entry, Item, Question
from autograder.report.views import (
    Chart,
    Choice,
    ClassPage,
    Figure,
    Group,
    ItemView,
    MatterView,
    MisconceptionView,
    Name,
    OutcomeView,
    Row,
)
from autograder.results import Outcome

MAX_NAMES = 8  # that are written out; the table of students has them all
MAX_UNFOLDED = 8  # misconceptions
BINS = 20


_LABELS = (
    *("skip_to_students", "needs_a_person", "nothing_needs_a_person", "show_these", "remarked", "scores"),
    *(
        "scores_none",
        "as_a_table",
        "misconceptions",
        "misconceptions_none",
        "questions_and_checks",
        "question",
    ),
    *("check", "difficulty", "discrimination", "time", "outcomes", "students", "find_a_student", "everyone"),
    *("which_students", "student", "score", "where_points_were_lost", "previous_page", "next_page"),
    *("nobody_matches", "hidden_check"),
)


def build(classroom: Classroom, language: str) -> ClassPage:
    """The page that says what ``classroom`` is, in ``language`` (English where that is unknown)."""
    words = catalogue(language)
    writer = _Writer(classroom, words)
    return ClassPage(
        language=language_tag(words),
        heading=words.ui("class_report_on", assignment=classroom.assignment),
        when=words.ui("last_graded", moment=words.moment(classroom.newest)),
        figures=writer.figures(),
        matters=writer.matters,
        unreadable=words.ui("unreadable_results", count=len(classroom.unreadable))
        if classroom.unreadable
        else "",
        unreadable_names=classroom.unreadable[:MAX_NAMES],
        remarks=writer.remarks,
        scores=writer.scores(),
        misconceptions=writer.misconceptions[:MAX_UNFOLDED],
        rarer=(rarer := writer.misconceptions[MAX_UNFOLDED:]),
        rarer_label=words.ui("rarer_ones", count=len(rarer)),
        checks=writer.checks_chart(),
        items=writer.items,
        item_notes=[
            words.ui("what_difficulty_is"),
            words.ui("what_discrimination_is", minimum=statistics.MIN_STUDENTS),
            words.ui("what_time_is"),
        ],
        choices=writer.choices(),
        rows=writer.rows(),
        environment=words.ui("graded_with", torch=", ".join(sorted(classroom.environments))),
        labels=labelled(_LABELS, words)
        # The script fills in the numbers, as they change.
        | {"shown_of": words.ui("shown_of", shown="{shown}", total="{total}")}
        | {"page_of": words.ui("page_of", page="{page}", pages="{pages}")},
    )


class _Writer:
    """Words a class; collects on the way what marks each student's row."""

    def __init__(self, classroom: Classroom, words: Catalogue) -> None:
        self._classroom = classroom
        self._words = words
        self._graded = classroom.graded
        self._totals = [entry.score or 0.0 for entry in self._graded]
        self._tags: dict[str, list[str]] = {entry.student: [] for entry in classroom.entries}
        self._titles = {item.id: self._title(item) for item in classroom.questions}
        self._found: list[Choice] = []
        self._needing: list[Choice] = []
        matters = attention.matters(classroom)
        self.matters = [self._matter(matter, f"a{at}") for at, matter in enumerate(matters.urgent)]
        self.remarks = [self._matter(matter, f"r{at}") for at, matter in enumerate(matters.remarks)]
        self.misconceptions = self._misconceptions()
        self._numbers = {
            item.id: self._statistics(item)
            for question in classroom.questions
            for item in (question, *question.checks)
        }
        self._counts: dict[str, Counter[str]] = {id_: Counter() for id_ in self._numbers}
        for entry in classroom.entries:
            for id_, standing in entry.standings.items():
                self._counts.setdefault(id_, Counter())[standing] += 1
        self.items = [self._question(question) for question in classroom.questions]

    # The head

    def figures(self) -> list[Figure]:
        words, spread = self._words, statistics.spread(self._totals)
        number = str(len(self._graded))
        figures = [
            Figure(
                words.ui("graded"),
                words.ui("number_of", number=number, whole=str(len(self._classroom.entries))),
            )
        ]
        if not self._graded:
            return figures
        whole = self._classroom.max_score
        middle = words.ui(
            "from_to", low=words.points(spread.lower_quartile), high=words.points(spread.upper_quartile)
        )
        full = sum(total >= whole - 1e-9 for total in self._totals)
        return [
            *figures,
            Figure(
                words.ui("median"),
                words.ui("number_of", number=words.points(spread.median), whole=words.points(whole)),
            ),
            Figure(words.ui("middle_half"), middle),
            Figure(words.ui("mean"), words.points(round(spread.mean, 1))),
            Figure(words.ui("full_marks"), str(full)),
        ]

    # Groups of students

    def _group(self, entries: Sequence[Entry], tag: str) -> Group:
        for entry in entries:
            self._tags[entry.student].append(tag)
        more = len(entries) - MAX_NAMES
        return Group(
            tag=tag,
            count=self._words.ui("students_count", count=len(entries)),
            names=[Name(entry.student, entry.href) for entry in entries[:MAX_NAMES]],
            more=self._words.ui("and_others", count=more) if more > 0 else "",
        )

    def _matter(self, matter: attention.Matter, tag: str) -> MatterView:
        if matter.code:
            text = self._words.text_phrase(matter.code, matter.facts)
        else:
            text = self._words.ui_phrase(matter.word, {})
        self._needing.append(Choice(tag, _plain(text)))
        return MatterView(text, self._group(matter.entries, tag))

    def _misconceptions(self) -> list[MisconceptionView]:
        views = []
        for at, each in enumerate(misconceptions.ranked(self._graded)):
            text = self._words.text_phrase(each.code, each.facts)
            self._found.append(Choice(f"m{at}", _plain(text)))
            where = [
                self._words.ui(
                    "outcome_count", outcome=self._titles.get(question, question), number=str(count)
                )
                for question, count in each.questions.most_common()
            ]
            views.append(
                MisconceptionView(
                    text=text,
                    where=", ".join(where),
                    cost=self._words.ui("points_lost", points=each.points),
                    filled=round(100 * len(each.students) / len(self._graded), 2),
                    group=self._group(each.students, f"m{at}"),
                )
            )
        return views

    # Charts

    def scores(self) -> Chart | None:
        if not self._graded:
            return None
        words, whole = self._words, self._classroom.max_score
        counts, edges = statistics.histogram(self._totals, whole, BINS)
        rows = tuple(
            (
                words.ui("from_to", low=words.points(low), high=words.points(high)),
                str(count),
                words.percent(count / len(self._graded)),
            )
            for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True)
        )
        return Chart(
            title=words.ui("scores"),
            drawings=charts.histogram(
                counts.tolist(),
                edges,
                median=statistics.spread(self._totals).median,
                words=charts.Words(
                    title=words.ui("scores"),
                    alternative=words.ui("scores_alternative"),
                    across=words.ui("score"),
                    up=words.ui("number_of_students"),
                    mark=words.ui("median"),
                ),
            ),
            columns=(words.ui("score"), words.ui("number_of_students"), words.ui("share_of_class")),
            rows=rows,
        )

    def checks_chart(self) -> Chart | None:
        points = [
            charts.Point(difficulty, discrimination, check.id)
            for question in self._classroom.questions
            for check in question.checks
            for difficulty, discrimination in [self._numbers[check.id]]
            if difficulty is not None and discrimination is not None
        ]
        if not points:
            return None
        words = self._words
        return Chart(
            title=words.ui("checks_chart"),
            drawings=charts.scatter(
                points,
                charts.Words(
                    title=words.ui("checks_chart"),
                    alternative=words.ui("checks_alternative"),
                    across=words.ui("difficulty"),
                    up=words.ui("discrimination"),
                ),
            ),
        )

    # Questions and checks

    def _statistics(self, item: Item) -> tuple[float | None, float | None]:
        """Difficulty and discrimination over those graded students who had the item."""
        having = [entry for entry in self._graded if item.id in entry.shares]
        points = [entry.shares[item.id] * item.max_points for entry in having]
        totals = [entry.score or 0.0 for entry in having]
        return (
            statistics.difficulty([entry.shares[item.id] for entry in having]),
            statistics.discrimination(points, totals),
        )

    def _question(self, question: Question) -> ItemView:
        checks = [self._item(check, [check.id], []) for check in question.checks]
        of_time = [question.id, *(check.id for check in question.checks)]
        return self._item(question, of_time, checks, self._words.ui("checks_count", count=len(checks)))

    def _item(self, item: Item, of_time: list[str], checks: list[ItemView], label: str = "") -> ItemView:
        words = self._words
        difficulty, discrimination = self._numbers[item.id]
        times = [
            sum(entry.seconds.get(name, 0.0) for name in of_time)
            for entry in self._graded
            if any(name in entry.seconds for name in of_time)
        ]
        return ItemView(
            title=self._title(item),
            id=item.id,
            hidden=item.hidden,
            difficulty="" if difficulty is None else words.percent(difficulty),
            filled=round(100 * (difficulty or 0.0), 2),
            discrimination="" if discrimination is None else words.correlation(discrimination),
            time=words.duration(statistics.spread(times).median) if times else "",
            outcomes=self._outcomes(item.id),
            note=self._note(difficulty, discrimination),
            checks=checks,
            checks_label=label,
        )

    def _outcomes(self, id_: str) -> list[OutcomeView]:
        """How many students have which, the good news first."""
        views = []
        for standing in verdict.STANDINGS:
            if count := self._counts[id_][standing]:
                worded = verdict.worded(standing, self._words)
                text = self._words.ui("outcome_count", outcome=worded.word, number=str(count))
                views.append(OutcomeView(worded.kind, text))
        return views

    def _note(self, difficulty: float | None, discrimination: float | None) -> str:
        if discrimination is not None and discrimination < 0:
            return self._words.ui("tells_the_wrong_way")
        return self._words.ui("nobody_got_it") if difficulty == 0 else ""

    def _title(self, item: Item) -> str:
        return self._words.among(item.words, item.id)

    # Students

    def choices(self) -> list[tuple[str, list[Choice]]]:
        questions = [
            Choice(f"q{at}", self._titles[item.id]) for at, item in enumerate(self._classroom.questions)
        ]
        groups = [
            ("needs_a_person", self._needing),
            ("lost_points_in", questions),
            ("what_was_found", self._found),
        ]
        return [(self._words.ui(label), choices) for label, choices in groups if choices]

    def rows(self) -> list[Row]:
        return [self._row(entry) for entry in self._classroom.entries]

    def _row(self, entry: Entry) -> Row:
        words = self._words
        numbers = {item.id: at for at, item in enumerate(self._classroom.questions)}
        lost = [f"{question} \N{MINUS SIGN}{words.points(points)}" for question, points in entry.lost.items()]
        stopped = [words.ui(f"outcome_{outcome.value}") for outcome in Outcome if outcome in entry.stopped]
        if entry.ungraded is not None and not entry.ours:
            stopped = [words.text(entry.ungraded.code, **entry.ungraded.facts)]
        if entry.outcomes and {*entry.outcomes.values()} == {Outcome.NOT_ANSWERED}:
            lost = [words.ui("outcome_not_answered")]
        tags = [*self._tags[entry.student], *(f"q{numbers[name]}" for name in entry.lost if name in numbers)]
        seconds = entry.seconds.get("", 0.0)
        return Row(
            student=entry.student,
            href=entry.href,
            score=words.ui("not_graded_short") if entry.score is None else words.points(entry.score),
            sort_score=-1.0 if entry.score is None else round(entry.score, 4),
            lost=" · ".join([*stopped, *lost]),
            seconds=words.duration(seconds),
            sort_seconds=round(seconds, 3),
            tags=" ".join(tags),
        )


def _plain(phrase: Phrase) -> str:
    return "".join(span.text for span in phrase)

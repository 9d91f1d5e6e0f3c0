"""grader.toml: everything that is not understood is refused, with its key and a way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.config import Config, Gradebook, Late, Limits, Roster, find_course, load, merged
from autograder.errors import ConfigError


def course(folder: Path, text: str = "") -> Path:
    """A course folder whose grader.toml says ``text``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "grader.toml").write_text(text, encoding="utf-8")
    return folder


def refused(folder: Path, text: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        load(course(folder, text) / "grader.toml")
    assert "\n" not in str(caught.value)
    assert str(folder / "grader.toml") in str(caught.value)
    return caught.value


def test_an_empty_file_accepts_every_default(tmp_path: Path) -> None:
    """An empty grader.toml is a course, and it requires all four layers."""
    config = load(course(tmp_path) / "grader.toml")
    assert config == Config()
    assert config.sandbox.require == ("namespaces", "landlock", "seccomp", "rlimits")


def test_every_setting_is_read(tmp_path: Path) -> None:
    """What the file says replaces the default, and nothing else."""
    text = """
        [course]
        title = "딥러닝"
        language = "en"
        [sandbox]
        require = ["rlimits"]
        [limits]
        cell_seconds = 2.5
        threads = 8
        [environment]
        preload = ["numpy.linalg"]
        [roster]
        file = "roster.csv"
        [late]
        grace_minutes = 15
        percent_per_day = 10
        attempt = "first"
        [due]
        dl1 = 2026-10-01T23:59:00+09:00
        [extensions.dl1]
        "김" = 2026-10-08T23:59:00+09:00
        [gradebook]
    """
    config = load(course(tmp_path, text) / "grader.toml")
    assert (config.course.title, config.course.language) == ("딥러닝", "en")
    assert config.sandbox.require == ("rlimits",)
    assert config.limits == Limits(cell_seconds=2.5, threads=8)
    assert config.environment.preload == ("numpy.linalg",)
    assert config.roster == Roster(file="roster.csv")
    assert config.late == Late(grace_minutes=15, percent_per_day=10, attempt="first")
    assert config.due["dl1"].isoformat() == "2026-10-01T23:59:00+09:00"
    assert config.extensions["dl1"]["김"].day == 8
    assert config.gradebook == Gradebook()


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("[limits]\ncell_minutes = 1", "limits.cell_minutes", "`limits.cell_seconds`, in seconds"),
        ("[limits]\nmemory_gb = 2", "limits.memory_gb", "`limits.memory_mib`, in MiB"),
        ("[limits]\nthread = 2", "limits.thread", "`limits.threads`"),
        ("[limits]\nfoo = 2", "limits.foo", "limits.cell_seconds, limits.submission_seconds"),
        ("cell_seconds = 2", "cell_seconds", "`limits.cell_seconds`, in seconds"),
        ("[limit]\nthreads = 2", "limit", "`limits`"),
        ('[course]\ntitel = "x"', "course.titel", "`course.title`"),
    ],
)
def test_an_unknown_key_names_the_near_one(tmp_path: Path, text: str, key: str, says: str) -> None:
    """A key that is not known is refused, and the one that was meant is named with its unit."""
    error = refused(tmp_path, text)
    assert error.key == key
    assert says in error.remedy


@pytest.mark.parametrize(
    "value",
    ['"10s"', "true", "nan", "inf", "-inf", "0", "-1", "1e9", "1e400", "[]", "{}", "2020-01-01", "99" * 50],
)
@pytest.mark.parametrize("name", ["cell_seconds", "cpu_seconds", "memory_mib", "threads"])
def test_a_limit_takes_a_number_in_its_range_alone(tmp_path: Path, name: str, value: str) -> None:
    """Text, truth values, NaN, infinity, zero, negative and absurd numbers are refused with the unit."""
    error = refused(tmp_path, f"[limits]\n{name} = {value}")
    assert error.key == f"limits.{name}"
    unit = {"memory_mib": "MiB", "threads": "threads"}.get(name, "seconds")
    assert f"number of {unit} from" in error.problem
    assert len(str(error)) < 500


@pytest.mark.parametrize("value", ["2.5", "2048.0"])
def test_whole_units_take_no_fraction(tmp_path: Path, value: str) -> None:
    """Memory is counted in whole MiB."""
    assert "a whole number of MiB" in refused(tmp_path, f"[limits]\nmemory_mib = {value}").problem


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("limits = 3", "limits", "must be a table, found 3"),
        ('[course]\nlanguage = "fr"', "course.language", 'must be one of `en`, `ko`, found "fr"'),
        ("[course]\ntitle = 3", "course.title", "must be a text"),
        (f'[course]\ntitle = "{"x" * 201}"', "course.title", "at most 200 characters"),
        ('[sandbox]\nrequire = "landlock"', "sandbox.require", "must be a list"),
        ("[sandbox]\nrequire = [1]", "sandbox.require", "found 1"),
        ("[sandbox]\nrequire = [[]]", "sandbox.require", "found a list"),
        ('[sandbox]\nrequire = ["seccomp", "lanlock"]', "sandbox.require", 'found "lanlock"'),
        ('[pull_requests]\nstaff = ["a b"]', "pull_requests.staff", "must name accounts"),
        ('[pull_requests]\nstudents = ["kim"]', "pull_requests.students", "must pair accounts with students"),
        ('[pull_requests]\nstudents = ["kim=a/b"]', "pull_requests.students", "must pair accounts"),
        ('[environment]\npreload = ["os; x"]', "environment.preload", "must name modules"),
        ('[environment]\npreload = ["a..b"]', "environment.preload", "must name modules"),
        ('[environment]\npreload = ["class"]', "environment.preload", "must name modules"),
        ('[environment]\npreload = ["torch\\n"]', "environment.preload", "must name modules"),
        ('[environment]\npreload = ["../x"]', "environment.preload", "must name modules"),
        ("[limits]\ncell_seconds = 90", "limits.cell_seconds", "more than limits.submission_seconds, 60"),
        ("[limits]\nfile_mib = 65", "limits.file_mib", "65 is more than limits.folder_mib, 64"),
    ],
)
def test_a_value_of_another_kind_is_refused(tmp_path: Path, text: str, key: str, says: str) -> None:
    """The problem says what was expected and what was found."""
    error = refused(tmp_path, text)
    assert error.key == key
    assert says in error.problem


def test_a_misspelt_layer_names_the_near_one(tmp_path: Path) -> None:
    """A layer is never dropped because its name was misspelt."""
    assert "`landlock`" in refused(tmp_path, '[sandbox]\nrequire = ["lanlock"]').remedy


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("[limits]\ncell_seconds 10", "line 2, column 14"),
        ("[limits]\ncell_seconds =", "line 2, column 15"),
        ("[limits]\nthreads = 1\nthreads = 2", "line 3, column 12"),
        ("a = " + "[" * 5000, "line 1, "),
    ],
)
def test_a_syntax_error_names_line_and_column(tmp_path: Path, text: str, where: str) -> None:
    """What is no TOML is refused where the reader gave up, also at the file's very end."""
    error = refused(tmp_path, text)
    assert error.key.startswith(where)
    assert error.problem.startswith("not TOML (")


def test_other_encodings_are_refused(tmp_path: Path) -> None:
    """A file that is not UTF-8 is refused at its first wrong byte; a byte order mark is read over."""
    path = course(tmp_path) / "grader.toml"
    path.write_bytes('[course]\ntitle = "딥"'.encode("cp949"))
    with pytest.raises(ConfigError, match="byte 19: is not UTF-8"):
        load(path)
    path.write_bytes(b"\xef\xbb\xbf[limits]\nthreads = 3")
    assert load(path).limits.threads == 3


def test_a_course_is_found_from_any_folder_below_it(tmp_path: Path) -> None:
    """The nearest grader.toml upwards makes the course."""
    course(tmp_path / "outer", "[limits]\nthreads = 1")
    inner = course(tmp_path / "outer" / "inner", "[limits]\nthreads = 2")
    below = inner / "submitted" / "kim"
    below.mkdir(parents=True)
    found = find_course(below)
    assert (found.root, found.config.limits.threads) == (inner.resolve(), 2)


def test_a_folder_without_course_says_how_to_make_one(tmp_path: Path) -> None:
    """No grader.toml anywhere above is an error that names the file to make."""
    with pytest.raises(ConfigError, match=r"no grader\.toml .* make one: an empty grader\.toml"):
        find_course(tmp_path)


def test_an_assignment_is_a_folder_with_its_toml(tmp_path: Path) -> None:
    """Folders without an assignment.toml are no assignments."""
    for name in ("dl2", "dl1"):
        (tmp_path / "assignments" / name).mkdir(parents=True)
        (tmp_path / "assignments" / name / "assignment.toml").touch()
    (tmp_path / "assignments" / "drafts").mkdir()
    assert find_course(course(tmp_path)).assignments() == ("dl1", "dl2")


def test_an_assignment_overrides_single_limits(tmp_path: Path) -> None:
    """An assignment's own limits are laid over the course's."""
    limits = Limits(threads=7)
    assert merged(limits, {"cell_seconds": 20}, tmp_path) == Limits(threads=7, cell_seconds=20.0)
    assert merged(limits, {}, tmp_path) == limits


@pytest.mark.parametrize(
    ("overrides", "key"),
    [
        ({"cell_minutes": 1}, "limits.cell_minutes"),
        ({"threads": 0}, "limits.threads"),
        ({"cell_seconds": 61}, "limits.cell_seconds"),
    ],
)
def test_overrides_are_validated_alike(tmp_path: Path, overrides: dict[str, int], key: str) -> None:
    """An assignment's limits are refused as the course's are, in the assignment's own file."""
    path = tmp_path / "assignment.toml"
    with pytest.raises(ConfigError) as caught:
        merged(Limits(), overrides, path)
    assert (caught.value.key, caught.value.path) == (key, str(path))


@pytest.mark.parametrize(
    ("text", "key", "says"),
    [
        ("[due]\ndl1 = 2026-10-01T23:59:00", "due.dl1", "as in `dl1 = 2026-10-01T23:59:00+09:00`"),
        ("[due]\ndl1 = 2026-10-01", "due.dl1", "a date and a time"),
        ('[due]\ndl1 = "2026-10-01T23:59:00+09:00"', "due.dl1", "without quotation marks"),
        ("due = 2026-10-01T23:59:00+09:00", "due", "Write [due]"),
        ("[extensions]\ndl1 = 1", "extensions.dl1", "Write [extensions.dl1]"),
        ("[extensions.dl1]\nkim = 7", "extensions.dl1.kim", "distance from UTC"),
        ('[late]\nattempt = "best"', "late.attempt", "`first`, `last`, `last_on_time`"),
        ("[late]\npercent_per_day = 120", "late.percent_per_day", "from 0 to 100"),
        ("[late]\ngrace_hours = 1", "late.grace_hours", "`late.grace_minutes`, in minutes"),
        ("[roster]\nfrom_gradebook = 1", "roster.from_gradebook", "true or false"),
    ],
)
def test_course_facts_are_as_strict(tmp_path: Path, text: str, key: str, says: str) -> None:
    """No clock is guessed, no table of dates takes anything else."""
    error = refused(tmp_path, text)
    assert error.key == key
    assert says in str(error)


@pytest.mark.parametrize("section", ["due", "extensions"])
def test_a_date_for_no_assignment_is_refused(tmp_path: Path, section: str) -> None:
    """A misspelt assignment would never be due."""
    date = "2026-10-01T23:59:00+09:00"
    there = course(
        tmp_path, f"[due]\ndl2 = {date}" if section == "due" else f"[extensions.dl2]\nkim = {date}"
    )
    (there / "assignments/dl1").mkdir(parents=True)
    (there / "assignments/dl1/assignment.toml").touch()
    with pytest.raises(ConfigError, match="Did you mean `dl1`"):
        find_course(there)

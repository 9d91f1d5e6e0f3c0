"""The command line. Nothing heavy is imported before a command needs it.

Exit codes: 0 done; 1 a verdict was asked for and is no; 2 our fault, bad configuration or usage, or a
required layer missing; 130 interrupted; 141 nobody reads the output any more.
"""

from __future__ import annotations

import io
import sys
import traceback

import typer

from autograder.cli.check import check
from autograder.cli.ci import ci
from autograder.cli.doctor import doctor
from autograder.cli.export import export
from autograder.cli.grade import demo, grade
from autograder.cli.gradescope import gradescope_zip
from autograder.cli.importing import import_
from autograder.cli.machine import need_grading
from autograder.cli.new import new
from autograder.cli.release import release
from autograder.cli.report import report
from autograder.cli.similar import similar
from autograder.cli.verify import verify
from autograder.errors import GraderError
from autograder.escaping import terminal_line
from autograder.process.interrupts import terminable
from autograder.process.pipes import UNREAD, Reader

app = typer.Typer(
    name="grader",
    help="Grades PyTorch notebooks by what their models compute.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
LIGHT = ("check", "doctor", "ci")  # what a student's install is enough for; `ci` asks for more if it grades


@app.callback()
def _ready(context: typer.Context) -> None:
    if context.invoked_subcommand is not None and context.invoked_subcommand not in LIGHT:
        need_grading(context.invoked_subcommand)


app.command()(demo)
app.command()(check)
app.command()(grade)
app.command()(report)
app.command()(new)
app.command()(release)
app.command()(similar)
app.command()(verify)
app.command("import")(import_)
app.command()(export)
app.command("gradescope-zip")(gradescope_zip)
app.command()(ci)
app.command()(doctor)


def main() -> None:
    """Run the command that the arguments name, and exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a student's name must not end a run on an ASCII terminal
            stream.reconfigure(errors="backslashreplace")
    terminable()
    reader = Reader()
    try:
        code = _code()
        sys.stdout.flush()
    except BrokenPipeError:
        code = 1
    if code == 1 and reader.is_gone():  # typer and rich exit with 1 then, which is a verdict
        reader.forget()
        code = UNREAD
    sys.exit(code)


def _code() -> str | int | None:
    """What the command ends with; what is wrong is said."""
    try:
        app(prog_name="grader")
    except SystemExit as end:
        return end.code
    except (GraderError, OSError) as error:
        complain(error)
    except Exception:  # noqa: BLE001 -- else Python would exit with 1, which is a verdict
        traceback.print_exc()
        print("grader: this is a fault of the grader's own, see above", file=sys.stderr)
    return 2


def complain(error: Exception) -> None:
    """Say on one line of stderr what must be mended."""
    first, *more = str(error).splitlines() or [""]
    print("\n".join([f"grader: {terminal_line(first)}", *map(terminal_line, more)]), file=sys.stderr)

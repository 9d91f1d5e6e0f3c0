"""What notebooks ordinarily do that cannot be done here: each is noted, and the cell goes on. All confined."""

from __future__ import annotations

import pytest

from autograder.wire.messages import (
    CellRan,
    Compute,
    Computed,
    Draw,
    Fetch,
    Fetched,
    Habit,
    Pass,
    Push,
    Trace,
    Traced,
)
from tests.confined import Confined

IMPORTS = "import torch\nfrom torch import nn\n"


def ran(confined: Confined, source: str) -> CellRan:
    reply = confined.run(source).replies[0]
    assert isinstance(reply, CellRan)
    return reply


def habits(confined: Confined, source: str) -> tuple[Habit, ...]:
    """What was noted of a cell that is no error."""
    reply = ran(confined, IMPORTS + source)
    assert reply.error is None
    return reply.habits


ON_THE_CPU = """
torch.ones(2).cuda()
torch.ones(2).cuda(0, non_blocking=True)
torch.ones(2).to("cuda")
torch.ones(2).to("cuda:1", torch.float64)
torch.ones(2).to(torch.device("cuda"))
torch.ones(2).to(0)
torch.ones(2).to(device="mps", dtype=torch.float64)
torch.tensor([1.0], device="cuda")
torch.as_tensor([1.0], device="cuda")
torch.zeros(2, device=torch.device("cuda", 0))
torch.full((2,), 1.0, device="cuda")
torch.randint(3, (2,), device="cuda")
torch.randn_like(torch.ones(2), device="cuda")
torch.ones(2).new_zeros(3, device="cuda")
nn.Linear(2, 1).cuda().weight
nn.LSTM(2, 3).to("cuda").weight_hh_l0
nn.Linear(2, 1).to(device=0).weight
nn.Conv2d(1, 2, 3, device="cuda").weight
nn.BatchNorm1d(2).cuda().running_mean
nn.LazyLinear(3).cuda()(torch.ones(2))
nn.CrossEntropyLoss().cuda()(torch.ones(1, 2), torch.tensor([1]))
torch.ones(2).pin_memory()
""".strip().splitlines()


@pytest.mark.parametrize("expression", ON_THE_CPU)
def test_a_gpu_is_the_cpu(confined: Confined, expression: str) -> None:
    """Every usual way to ask for one gives a tensor that can be worked with, and is noted."""
    assert habits(confined, f"assert ({expression}).cpu().device.type == 'cpu'") == ("cuda_replaced",)


@pytest.mark.parametrize(
    "source",
    [
        "torch.set_default_device('cuda')\nassert torch.zeros(1).device.type == 'cpu'",
        "with torch.device('cuda'):\n    nn.Linear(2, 1)(torch.ones(2))",
        "torch.cuda.set_device(0)\ntorch.cuda.synchronize()\nprint(torch.cuda.get_device_name(0))",
    ],
)
def test_what_speaks_of_gpus_is_survived(confined: Confined, source: str) -> None:
    """A default device, a device's context, and questions about the card."""
    assert habits(confined, source) == ("cuda_replaced",)


@pytest.mark.parametrize(
    "source",
    [
        "device = 'cuda' if torch.cuda.is_available() else 'cpu'\nnn.Linear(2, 1).to(device)",
        "torch.ones(2).to(torch.float64)\ntorch.ones(2).to(torch.ones(1))\nnn.Linear(1, 1).double()",
        "torch.full((2,), 0)\ntorch.zeros(2, device=None)\ntorch.zeros(2, device='meta')",
        "with torch.device('meta'):\n    assert nn.Linear(2, 1).weight.is_meta",
        "torch.manual_seed(1)\ntorch.cuda.manual_seed_all(1)\ntorch.cuda.empty_cache()\ntorch.device('cuda')",
        "from torch.utils.data import DataLoader\nlist(DataLoader(torch.ones(4), 2, True))",
        "import google, tqdm, socket\nsocket.getaddrinfo('127.0.0.1', 80)",
        "try:\n    import google.colab\nexcept ImportError:\n    pass",
    ],
)
def test_what_works_here_is_not_remarked_on(confined: Confined, source: str) -> None:
    """A device that was chosen, other conversions, other devices, and names that do nothing yet."""
    assert habits(confined, source) == ()


def test_habits_are_those_of_their_own_cell(confined: Confined) -> None:
    """What one cell did is not told of the next, however often it did it."""
    ended = confined.run("import torch\n[torch.ones(1).cuda() for _ in range(9)]\ninput()", "1", "input()")
    noted = [reply.habits for reply in ended.replies if isinstance(reply, CellRan)]
    assert noted == [("input_called", "cuda_replaced"), (), ("input_called",)]


def test_a_scripted_function_still_compiles(confined: Confined) -> None:
    """torch's own compiler takes the functions that were replaced for what they are."""
    source = (
        "%%writefile scripted.py\nimport torch\ndef f(x):\n    return torch.zeros(1) + x.to(torch.float64)\n"
    )
    ended = confined.run(
        source, "import torch, scripted\nprint(torch.jit.script(scripted.f)(torch.ones(1)).item())"
    )
    assert ended.output.endswith("1.0\n")


@pytest.mark.parametrize("arguments", ["num_workers=2, timeout=5", "2, False, None, None, 2"])
def test_a_loader_has_no_workers(confined: Confined, arguments: str) -> None:
    """By name or by place, with whatever belongs to workers, it makes the same batches."""
    source = f"from torch.utils.data import DataLoader\nloader = DataLoader(torch.ones(4), {arguments})\n"
    assert habits(confined, source + "assert torch.cat(list(loader)).sum() == 4") == ("workers_replaced",)


@pytest.mark.parametrize(
    "compiled",
    [
        "f = torch.compile(nn.Linear(2, 1))",
        "f = torch.compile(nn.Linear(2, 1), mode='max-autotune')",
        "f = nn.Linear(2, 1)\nf.compile()",
        "@torch.compile\ndef f(x): return x[:, :1]",
        "@torch.compile(fullgraph=True)\ndef f(x): return x[:, :1]",
    ],
)
def test_nothing_is_compiled(confined: Confined, compiled: str) -> None:
    """A model or a function, called or as a decorator: it runs as it is written."""
    assert habits(confined, f"{compiled}\nassert f(torch.ones(3, 2)).shape == (3, 1)") == ("compile_skipped",)


def test_an_empty_text_is_typed_in(confined: Confined) -> None:
    """The prompt is printed as it would be, also a password's, and nothing waits."""
    reply = ran(
        confined, "import getpass\nprint([input('name? '), input(), getpass.getpass('key? ')])\nbreakpoint"
    )
    assert reply.output.startswith("name? \n\nkey? \n['', '', '']\n")
    assert reply.habits == ("input_called",)


def test_nobody_answers_for_ever(confined: Confined) -> None:
    """A loop that insists ends with an error, cell by cell."""
    loop = "while not input():\n    pass"
    assert confined.run(loop, "x = input()", loop).errors == ["EOFError", "", "EOFError"]


@pytest.mark.parametrize(
    ("source", "noted"),
    [
        ("from google.colab import drive\ndrive.mount('/content/drive')", True),
        ("import google.colab.drive\ngoogle.colab.drive.mount('/x')", True),
        ("from google.colab import files\nfor name in files.upload().keys():\n    open(name)", True),
        ("from google.colab import userdata\nimport os\nos.environ['KEY'] = userdata.get('KEY')", True),
        ("from google.colab import output\nwith output.redirect_to_element('#x'):\n    pass", True),
        ("from google.colab.patches import cv2_imshow", False),
        (
            "from kaggle_secrets import UserSecretsClient\nUserSecretsClient().get_secret('x')[:3].strip()",
            True,
        ),
    ],
)
def test_colab_and_kaggle_do_nothing(confined: Confined, source: str, noted: bool) -> None:
    """Their modules can be imported; calls do nothing, are noted, and give something empty to go on with."""
    assert habits(confined, source) == (("colab_skipped",) if noted else ())


def test_stand_ins_come_last(confined: Confined) -> None:
    """A module that is there, if only in the student's own folder, is the one that is imported."""
    ended = confined.run("%%writefile tqdm.py\nx = 3", "import tqdm\nprint(tqdm.x)")
    assert ended.output.endswith("3\n")
    assert confined.run("import google.nothing").errors == ["ModuleNotFoundError"]


@pytest.mark.parametrize(
    "source",
    [
        "import urllib.request\nurllib.request.urlretrieve('https://pytorch.org/x', 'x')",
        "import requests\nrequests.get('https://pytorch.org')",
        "import http.client\nhttp.client.HTTPSConnection('pytorch.org').request('GET', '/')",
        "import socket\nsocket.gethostbyname('pytorch.org')",
    ],
)
def test_a_download_says_that_there_is_no_network(confined: Confined, source: str) -> None:
    """At once, in the error's own words, as an OSError that a prepared student catches."""
    reply = ran(confined, source)
    assert reply.error is not None
    assert "there is no network while a notebook is graded" in reply.error.message
    assert reply.habits == ("network_used",)
    assert (
        "OSError"
        not in confined.run(f"import socket\ntry:\n    {source.splitlines()[-1]}\nexcept OSError: 1").errors
    )


def test_noting_can_be_broken_and_says_only_what_it_may(confined: Confined) -> None:
    """A student who rewrites the notes gets known words or an error of their own, and the process goes on."""
    meddling = "from autograder.runner import habits\nhabits._noted.update(['<b>', 'input_called', 7, None])"
    assert ran(confined, meddling).habits == ("input_called",)
    broken = confined.run("from autograder.runner import habits\nhabits._noted = None", "print('next')")
    assert broken.replies[0] is not None


MODEL = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 3)
    def forward(self, x):
        return torch.relu(self.layer(x{}))
model = Net(){}
"""


def test_judging_sees_the_same_model(confined: Confined) -> None:
    """A model that moves everything to a GPU answers every probe as one that does not."""
    inputs = Draw(seed=3, shape=(4,), rows=2)
    push = tuple(Push(place, Draw(seed=place, shape=shape)) for place, shape in enumerate([(3, 4), (3,)]))
    probes = (
        Trace("model", inputs, "float32"),
        Compute("model", "float64", push, (Pass(inputs, "eval", "off", 0), Pass(inputs, "train", "live", 1))),
        Fetch("y"),
    )
    after = "y = model(torch.ones(1, 4)).detach() * 0 + torch.ones(1).to(torch.float64)\n"
    plain = confined.run(IMPORTS + MODEL.format("", "") + after, *probes).answers
    moved = confined.run(IMPORTS + MODEL.format(".cuda()", ".to('cuda')") + after, *probes).answers
    kinds = [CellRan, Traced, Computed, Fetched]
    assert [type(answer.reply) for answer in moved] == kinds
    for one, other in zip(plain[1:], moved[1:], strict=True):
        assert one.reply == other.reply
        assert len(one.tensors) == len(other.tensors)
        assert all(a.equal(b) for a, b in zip(one.tensors, other.tensors, strict=True))


PLACES = {
    "below magics": ("%matplotlib inline\n!ls\nfiles = !ls\n1/0", 4),
    "below blank lines": ("\n  \n\n1/0", 4),
    "indented below blank lines": ("\n  x = 1\n  1/0", 3),
    "below %%time": ("%%time\n\n1/0", 3),
    "below %%capture": ("\n%%capture kept\nprint(1)\n1/0", 4),
    "a syntax error below magics": ("%matplotlib inline\n!ls\nx = (]", 3),
    "a syntax error below %%time": ("%%time\nx = 1\ny = (]", 3),
    "in a library, in a call of several lines": (
        "import torch\n\ntorch.nn.Linear(2, 3)(\n    torch.ones(1)\n)",
        3,
    ),
    "in a function of its own": ("def f():\n    return 1 / 0\n\nf()", 2),
    "on a line of its own magic": ("x = 1\n%time 1/0", 2),
}


@pytest.mark.parametrize(("source", "line"), PLACES.values(), ids=PLACES)
def test_an_error_points_at_the_students_line(confined: Confined, source: str, line: int) -> None:
    """Whatever stands above it, the line is the one that the student sees in the cell."""
    error = ran(confined, source).error
    assert error is not None
    assert (error.cell, error.line) == (1, line)


def test_a_function_that_raises_later_points_into_its_own_cell(confined: Confined) -> None:
    """Cell and line belong together: the earlier cell's, also through functions of a third."""
    ended = confined.run(
        "\ndef f(x):\n    return 1 / x", "%%time\ndef g(x):\n    return f(x)", "\n\n\n\ng(0)"
    )
    error = ended.replies[2].error if isinstance(ended.replies[2], CellRan) else None
    assert error is not None
    assert (error.name, error.cell, error.line) == ("ZeroDivisionError", 1, 3)


@pytest.mark.parametrize(
    "source", ["%tensorboard --logdir x", "%load_ext tensorboard", "%conda install x", "%%bigquery\nx"]
)
def test_magics_of_others_are_left_out(confined: Confined, source: str) -> None:
    """An extension that is not here costs no cell: it is counted as a command."""
    reply = ran(confined, source)
    assert reply.error is None
    assert reply.skipped_commands == 1


@pytest.mark.parametrize(
    "source",
    [
        "from autograder import check\ncheck('linear')\nx = 1",
        "import autograder\nautograder.check()\nx = 1",
        "%check linear\nx = 1",
        "%load_ext autograder\nx = 1",
    ],
)
def test_a_students_own_check_does_nothing(confined: Confined, source: str) -> None:
    """A notebook in which its student has checked answers is graded as if it had not been so."""
    reply = ran(confined, source)
    assert (reply.error, reply.output, reply.skipped_commands) == (None, "", 0)
    assert "x" in reply.assigned

"""What notebooks ordinarily do that cannot be done here, and what happens instead.

==============================================  ============================================
``input()``, ``getpass()``                      nobody answers: an empty text, at once
``google.colab``, ``kaggle_secrets``            stand-ins, whose calls do nothing
``tqdm``, where it is not installed             a stand-in that passes on what it is given
``.cuda()``, ``.to("cuda")``, ``device="mps"``  the CPU
``DataLoader(num_workers=2)``                   no workers: the same batches, made in this process
``torch.compile``, ``model.compile()``          the same function, as it is written: a compiler is another process
a download                                      an error that says why
``from autograder import check``                does nothing: a student's own check is for their own notebook
==============================================  ============================================

All of it is put in place once, before any fork, so that it costs a submission nothing. The trusted side
words each as a remark. A student's process may undo or fake any of this: nothing here decides a grade.
"""

from __future__ import annotations

import builtins
import functools
import getpass
import importlib.abc
import importlib.machinery
import socket
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any, get_args

import torch
from torch import Tensor, nn
from torch.jit import _builtins
from torch.utils import _device as default_device
from torch.utils.data import DataLoader

import autograder
from autograder.wire.messages import Habit

MAX_INPUTS = 100  # in one cell: a loop that insists on an answer ends
WORKERS_PLACE = 6  # of ``num_workers`` among the arguments of DataLoader.__init__, self included
_OWN_HOSTS = (None, "", "localhost", "127.0.0.1", "::1")  # Windows makes its socket pairs by them
_GPUS = ("cuda", "mps", "xpu")
_FACTORIES = """
    tensor as_tensor zeros ones empty full rand randn randint randperm normal arange eye linspace logspace
    zeros_like ones_like empty_like full_like rand_like randn_like randint_like
""".split()
_NEW = "new_tensor new_zeros new_ones new_full new_empty".split()

_noted: set[str] = set()
_inputs = 0


def noted() -> tuple[Habit, ...]:
    """The habits met since they were last forgotten."""
    return tuple(habit for habit in get_args(Habit) if habit in _noted)


def forget() -> None:
    """Start anew, as before a cell."""
    global _inputs
    _inputs = 0
    _noted.clear()


@functools.cache
def install() -> None:
    """Put everything in place, once in a process."""
    builtins.input = _no_answer
    getpass.getpass = _no_answer
    sys.meta_path.append(_StandIns())  # last: what is installed comes first
    autograder.check = autograder.load_ipython_extension = _nothing_to_check
    socket.getaddrinfo = _without_network(socket.getaddrinfo, host_at=0)
    socket.gethostbyname = _without_network(socket.gethostbyname, host_at=0)
    socket.socket.connect = _without_network(socket.socket.connect, host_at=1)  # type: ignore[method-assign]
    DataLoader.__init__ = _without_workers(DataLoader.__init__)  # type: ignore[method-assign]
    torch.compile = _not_compiled
    nn.Module.compile = _as_it_was  # type: ignore[method-assign, assignment]
    _stay_on_the_cpu()


def _nothing_to_check(*_: object, **__: object) -> None:
    """A student's own check is for the notebook in which they work."""


def _note(habit: Habit) -> None:
    _noted.add(habit)


def _no_answer(prompt: object = "", *_: object, **__: object) -> str:
    global _inputs
    _note("input_called")
    _inputs += 1
    if _inputs > MAX_INPUTS:
        raise EOFError(f"nobody answers here, and this cell asked {MAX_INPUTS} times")
    print(prompt)
    return ""


def _without_network(function: Callable[..., Any], host_at: int) -> Callable[..., Any]:
    """``function`` for this machine's own addresses; ``host_at``: where its arguments name host or address."""

    @functools.wraps(function)
    def without_network(*args: Any, **named: Any) -> Any:
        host = args[host_at] if len(args) > host_at else named.get("host")
        if isinstance(host, tuple) and host:
            host = host[0]
        if host in _OWN_HOSTS:
            return function(*args, **named)
        _note("network_used")
        raise socket.gaierror(socket.EAI_AGAIN, "there is no network while a notebook is graded")

    return without_network


def _without_workers(initialise: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(initialise)
    def without_workers(*args: Any, **named: Any) -> None:
        positional = len(args) > WORKERS_PLACE
        if args[WORKERS_PLACE] if positional else named.get("num_workers"):
            _note("workers_replaced")
            if positional:
                args = (*args[:WORKERS_PLACE], 0, *args[WORKERS_PLACE + 1 :])
            else:
                named["num_workers"] = 0
            for setting in ("prefetch_factor", "persistent_workers", "multiprocessing_context", "timeout"):
                named.pop(setting, None)  # each is an error without workers
        initialise(*args, **named)

    return without_workers


@functools.wraps(torch.compile)
def _not_compiled(model: Any = None, **_: object) -> Any:
    _note("compile_skipped")
    return model if model is not None else lambda function: function  # as a decorator with arguments


@functools.wraps(nn.Module.compile)
def _as_it_was(_module: nn.Module, *_: object, **__: object) -> None:
    _note("compile_skipped")


# The GPU. Devices are replaced where they are used, not where they are made: torch.device cannot be subclassed,
# and torch's own code asks isinstance(…, torch.device). A TorchFunctionMode would see every operation: 15 µs each.


def _stay_on_the_cpu() -> None:
    default_device._device_constructors()  # remembers the true functions, which is what modes are shown
    scripted: Any = _builtins  # what torch.jit.script knows functions by
    for name in _FACTORIES:
        function = getattr(torch, name)
        setattr(torch, name, on_the_cpu := _named_device(function))
        if operation := scripted._find_builtin(function):
            scripted._register_builtin(on_the_cpu, operation)
    for name in _NEW:
        setattr(Tensor, name, _named_device(getattr(Tensor, name)))
    for kind in (Tensor, nn.Module):
        kind.to = _first_device(kind.to)  # type: ignore[method-assign]
        kind.cuda = _as_it_is(kind.cuda)  # type: ignore[method-assign]
    Tensor.pin_memory = _as_it_is(Tensor.pin_memory)  # type: ignore[method-assign]
    context: Any = default_device.DeviceContext  # set_default_device("cuda") and `with torch.device("cuda")`
    context.__init__ = _first_device(context.__init__)
    cuda: Any = torch.cuda
    for name, answer in (
        ("set_device", None),
        ("synchronize", None),
        ("current_device", 0),
        ("get_device_name", "CPU"),
    ):
        setattr(cuda, name, _answering(getattr(cuda, name), answer))


def _is_gpu(device: object) -> bool:
    kind = type(device)
    if kind is str:
        return str(device).partition(":")[0] in _GPUS
    return kind is int or (isinstance(device, torch.device) and device.type in _GPUS)


def _named_device(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def on_the_cpu(*args: Any, **named: Any) -> Any:
        if "device" in named and _is_gpu(named["device"]):
            _note("cuda_replaced")
            named["device"] = "cpu"
        return function(*args, **named)

    return on_the_cpu


def _first_device(function: Callable[..., Any]) -> Callable[..., Any]:
    by_name = _named_device(function)

    @functools.wraps(function)
    def on_the_cpu(*args: Any, **named: Any) -> Any:
        if len(args) > 1 and _is_gpu(args[1]):
            _note("cuda_replaced")
            args = (args[0], "cpu", *args[2:])
        return by_name(*args, **named) if named else function(*args)

    return on_the_cpu


def _as_it_is(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def as_it_is(self: Any, *_: object, **__: object) -> Any:
        _note("cuda_replaced")
        return self

    return as_it_is


def _answering(function: Callable[..., Any], answer: object) -> Callable[..., Any]:
    @functools.wraps(function)
    def answering(*_: object, **__: object) -> Any:
        _note("cuda_replaced")
        return answer

    return answering


class _Nothing(str):
    """What a stand-in holds and what its calls give: an empty text that can be called, opened and looked into."""

    __slots__ = ()

    def __call__(self, *_: object, **__: object) -> _Nothing:
        _note("colab_skipped")
        return self

    def __getattr__(self, name: str) -> _Nothing:
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    def __getitem__(self, _: object) -> _Nothing:
        return self

    def __enter__(self) -> _Nothing:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class _Service(types.ModuleType):
    """A module of Colab's or Kaggle's."""

    def __getattr__(self, name: str) -> _Nothing:
        return getattr(_Nothing(), name)  # type: ignore[no-any-return]


class _Bar:
    """tqdm without the bar."""

    def __init__(self, iterable: Any = None, *_: object, **__: object) -> None:
        self._iterable = () if iterable is None else iterable

    def __iter__(self) -> Iterator[Any]:
        return iter(self._iterable)

    def __len__(self) -> int:
        return len(self._iterable)

    def __enter__(self) -> _Bar:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __getattr__(self, name: str) -> Callable[..., None]:
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *_, **__: None  # update, set_description, close

    @staticmethod
    def write(text: object = "", *_: object, **__: object) -> None:
        print(text)


class _Bars(types.ModuleType):
    tqdm = _Bar

    @staticmethod
    def trange(*args: int, **_: object) -> _Bar:
        return _Bar(range(*args))


class _StandIns(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds what nothing else found."""

    _KINDS: dict[str, type[types.ModuleType]] = {  # noqa: RUF012 - never changed
        "google": types.ModuleType,
        "google.colab": _Service,
        "kaggle": _Service,
        "kaggle_datasets": _Service,
        "kaggle_secrets": _Service,
        "tqdm": _Bars,
        "tqdm.auto": _Bars,
        "tqdm.notebook": _Bars,
    }

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: types.ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name in self._KINDS or name.startswith("google.colab."):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return self._KINDS.get(spec.name, _Service)(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing to run."""

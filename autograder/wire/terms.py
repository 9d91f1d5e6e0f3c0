"""The vocabulary of computation graphs: one term for each operation, whatever its spelling.

``F.relu(x)``, ``torch.relu(x)``, ``x.relu()`` and ``x.relu_()`` are one term, ``relu``; so is what ``nn.ReLU`` calls. A
term has its arguments in torch's order, with torch's defaults, and a function that performs it. Operations that have
no term are recorded under their own name and cannot be performed again.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

Operation = Callable[..., Any]

# (term, its arguments, its spellings). The first spelling performs it; a starred argument takes all that follow.
_ACTIVATIONS = (
    ("relu", "input inplace", "F.relu F.relu_ torch.relu torch.relu_ Tensor.relu Tensor.relu_"),
    ("relu6", "input inplace", "F.relu6"),
    ("leaky_relu", "input negative_slope=0.01 inplace", "F.leaky_relu F.leaky_relu_"),
    ("elu", "input alpha=1.0 inplace", "F.elu F.elu_"),
    ("selu", "input inplace", "F.selu F.selu_ torch.selu"),
    ("celu", "input alpha=1.0 inplace", "F.celu F.celu_ torch.celu"),
    ("gelu", "input approximate='none'", "F.gelu"),
    ("silu", "input inplace", "F.silu"),
    ("mish", "input inplace", "F.mish"),
    ("sigmoid", "input", "torch.sigmoid torch.sigmoid_ F.sigmoid Tensor.sigmoid Tensor.sigmoid_"),
    ("tanh", "input", "torch.tanh torch.tanh_ F.tanh Tensor.tanh Tensor.tanh_"),
    ("logsigmoid", "input", "F.logsigmoid"),
    ("softplus", "input beta=1.0 threshold=20.0", "F.softplus"),
    ("softsign", "input", "F.softsign"),
    ("tanhshrink", "input", "F.tanhshrink"),
    ("hardshrink", "input lambd=0.5", "F.hardshrink"),
    ("softshrink", "input lambd=0.5", "F.softshrink"),
    ("hardsigmoid", "input inplace", "F.hardsigmoid"),
    ("hardswish", "input inplace", "F.hardswish"),
    ("hardtanh", "input min_val=-1.0 max_val=1.0 inplace", "F.hardtanh F.hardtanh_"),
    ("threshold", "input threshold value inplace", "F.threshold"),
    ("prelu", "input weight", "F.prelu"),
    ("softmax", "input dim=None _stacklevel dtype", "F.softmax"),
    ("softmax", "input dim dtype", "torch.softmax Tensor.softmax"),
    ("log_softmax", "input dim=None _stacklevel dtype", "F.log_softmax"),
    ("log_softmax", "input dim dtype", "torch.log_softmax Tensor.log_softmax"),
    ("softmin", "input dim=None _stacklevel dtype", "F.softmin"),
)
_DROPOUTS = (
    ("dropout", "input p=0.5 training=True inplace", "F.dropout torch.dropout torch.dropout_"),
    ("dropout1d", "input p=0.5 training=True inplace", "F.dropout1d"),
    (
        "dropout2d",
        "input p=0.5 training=True inplace",
        "F.dropout2d torch.feature_dropout torch.feature_dropout_",
    ),
    ("dropout3d", "input p=0.5 training=True inplace", "F.dropout3d"),
    (
        "alpha_dropout",
        "input p=0.5 training=False inplace",
        "F.alpha_dropout torch.alpha_dropout torch.alpha_dropout_",
    ),
    (
        "feature_alpha_dropout",
        "input p=0.5 training=False inplace",
        "F.feature_alpha_dropout torch.feature_alpha_dropout torch.feature_alpha_dropout_",
    ),
)
_CONVOLUTION = "input weight bias=None stride=1 padding=0 dilation=1 groups=1"
_TRANSPOSED = "input weight bias=None stride=1 padding=0 output_padding=0 groups=1 dilation=1"
_LARGEST = "input kernel_size stride=None padding=0 dilation=1 ceil_mode=False return_indices"
_MEAN = "input kernel_size stride=None padding=0 ceil_mode=False count_include_pad=True"
_RECURRENT = "input hx params has_biases num_layers dropout train bidirectional batch_first"
_LAYERS = (
    ("linear", "input weight bias=None", "F.linear"),
    ("embedding", "input weight padding_idx max_norm=None norm_type=2.0 scale_grad_by_freq sparse", "F.embedding"),
    *((f"conv{n}d", _CONVOLUTION, f"F.conv{n}d") for n in (1, 2, 3)),
    *((f"conv_transpose{n}d", _TRANSPOSED, f"F.conv_transpose{n}d") for n in (1, 2, 3)),
    *((f"max_pool{n}d", _LARGEST, f"F.max_pool{n}d") for n in (1, 2, 3)),
    ("avg_pool1d", _MEAN, "F.avg_pool1d"),
    *((f"avg_pool{n}d", f"{_MEAN} divisor_override=None", f"F.avg_pool{n}d") for n in (2, 3)),
    *((f"adaptive_avg_pool{n}d", "input output_size", f"F.adaptive_avg_pool{n}d") for n in (1, 2, 3)),
    *(
        (f"adaptive_max_pool{n}d", "input output_size return_indices", f"F.adaptive_max_pool{n}d")
        for n in (1, 2, 3)
    ),
    (
        "batch_norm",
        "input running_mean running_var weight=None bias=None training=False momentum=0.1 eps=1e-05",
        "F.batch_norm",
    ),
    ("layer_norm", "input normalized_shape weight=None bias=None eps=1e-05", "F.layer_norm"),
    ("group_norm", "input num_groups weight=None bias=None eps=1e-05", "F.group_norm"),
    (
        "instance_norm",
        "input running_mean=None running_var=None weight=None bias=None use_input_stats=True momentum=0.1 eps=1e-05",
        "F.instance_norm",
    ),
    ("lstm", _RECURRENT, "torch.lstm"),
    ("gru", _RECURRENT, "torch.gru"),
    ("rnn_tanh", _RECURRENT, "torch.rnn_tanh"),
    ("rnn_relu", _RECURRENT, "torch.rnn_relu"),
)
_SHAPES = (
    ("flatten", "input start_dim=0 end_dim=-1", "torch.flatten Tensor.flatten"),
    ("reshape", "input *shape", "Tensor.reshape Tensor.view torch.reshape"),
    ("permute", "input *dims", "Tensor.permute torch.permute"),
    (
        "transpose",
        "input dim0 dim1",
        "torch.transpose Tensor.transpose torch.swapaxes Tensor.swapaxes torch.swapdims Tensor.swapdims",
    ),
    ("t", "input", "torch.t Tensor.t Tensor.T Tensor.mT"),
    ("squeeze", "input dim=None", "Tensor.squeeze torch.squeeze"),
    ("unsqueeze", "input dim", "torch.unsqueeze Tensor.unsqueeze"),
    ("pad", "input pad mode='constant' value=None", "F.pad"),
    ("getitem", "input index", "Tensor.__getitem__"),
    ("cat", "tensors dim=0", "torch.cat torch.concat torch.concatenate"),
    ("stack", "tensors dim=0", "torch.stack"),
    ("chunk", "input chunks dim=0", "torch.chunk Tensor.chunk"),
    (
        "identity",
        "input *rest",
        "torch.clone Tensor.clone Tensor.contiguous Tensor.to Tensor.float Tensor.detach Tensor.cpu "
        "Tensor.type_as Tensor.requires_grad_ torch.detach torch.as_tensor",
    ),
)
_ARITHMETIC = (
    ("add", "input other alpha=1", "torch.add Tensor.add Tensor.add_ Tensor.__radd__"),
    ("sub", "input other alpha=1", "torch.sub Tensor.sub Tensor.sub_ torch.subtract Tensor.subtract"),
    ("sub", "other input", "Tensor.__rsub__"),
    (
        "mul",
        "input other",
        "torch.mul Tensor.mul Tensor.mul_ Tensor.__rmul__ torch.multiply Tensor.multiply",
    ),
    (
        "div",
        "input other",
        "torch.div Tensor.div Tensor.div_ torch.divide torch.true_divide Tensor.true_divide",
    ),
    ("div", "other input", "Tensor.__rtruediv__ Tensor.__rdiv__"),
    ("pow", "input exponent", "torch.pow Tensor.pow Tensor.__pow__"),
    ("neg", "input", "torch.neg Tensor.neg"),
    ("exp", "input", "torch.exp Tensor.exp"),
    ("log", "input", "torch.log Tensor.log"),
    ("abs", "input", "torch.abs Tensor.abs"),
    ("sqrt", "input", "torch.sqrt Tensor.sqrt"),
    ("square", "input", "torch.square Tensor.square"),
    (
        "matmul",
        "input other",
        "torch.matmul Tensor.matmul Tensor.__matmul__ torch.mm Tensor.mm torch.bmm Tensor.bmm",
    ),
    ("addmm", "input mat1 mat2", "torch.addmm Tensor.addmm"),
    ("maximum", "input other", "torch.maximum Tensor.maximum"),
    ("minimum", "input other", "torch.minimum Tensor.minimum"),
    (
        "clamp",
        "input min=None max=None",
        "torch.clamp torch.clip torch.clamp_ Tensor.clamp Tensor.clamp_ Tensor.clip Tensor.clip_",
    ),
    ("clamp_min", "input min", "torch.clamp_min Tensor.clamp_min Tensor.clamp_min_"),
    ("mean", "input dim=None keepdim=False dtype", "torch.mean Tensor.mean"),
    ("sum", "input dim=None keepdim=False dtype", "torch.sum Tensor.sum"),
    ("amax", "input dim=() keepdim=False", "torch.amax Tensor.amax"),
    ("logsumexp", "input dim keepdim=False", "torch.logsumexp Tensor.logsumexp"),
)
_ROWS = (*_LAYERS, *_ACTIVATIONS, *_DROPOUTS, *_SHAPES, *_ARITHMETIC)
_WITHOUT_MEANING = frozenset(  # arguments that say nothing of what is computed
    "inplace _stacklevel dtype out return_indices rest padding_idx scale_grad_by_freq sparse".split()
)
CONSTANT = "constant"  # a tensor that is neither input nor parameter; ``value`` is its number, if it is one


@dataclass(frozen=True)
class Term:
    """``arguments`` in order, without those that change nothing; ``defaults`` of those that may be left out."""

    name: str
    call: Operation
    arguments: tuple[str, ...]
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Spelling:
    term: str
    arguments: tuple[str, ...]
    spread: str  # the argument that takes all positional ones from its place on


def bound(
    function: Operation, args: Sequence[Any], named: Mapping[str, Any]
) -> tuple[str, dict[str, Any]] | None:
    """The term that a call is, and its arguments by name; None for a call that has no term."""
    spelling = _SPELLINGS.get(function)
    if spelling is None:
        return None
    names = spelling.arguments
    found: dict[str, Any] = {}
    if spelling.spread:
        own = len(names) - 1
        rest = args[own:]
        args = args[:own]
        if rest:
            found[spelling.spread] = rest[0] if len(rest) == 1 else tuple(rest)
    if len(args) > len(names):
        return None
    found |= dict(zip(names, args, strict=False))
    for name, value in named.items():
        if name not in names and name not in _WITHOUT_MEANING:
            return None
        found[name] = value
    return spelling.term, {name: value for name, value in found.items() if name not in _WITHOUT_MEANING}


def _function(spelling: str) -> Operation | None:
    """What torch hands to a ``__torch_function__`` for this spelling; None where this torch has none."""
    place, name = spelling.split(".", 1)
    owner = {"F": F, "torch": torch, "Tensor": torch.Tensor}[place]
    found = getattr(owner, name, None)
    return found if callable(found) or found is None else found.__get__


def _parsed(signature: str) -> tuple[tuple[str, ...], dict[str, Any], str]:
    names: list[str] = []
    defaults: dict[str, Any] = {}
    spread = ""
    for part in signature.split():
        name, _, default = part.partition("=")
        if name.startswith("*"):
            name = spread = name[1:]
        names.append(name)
        if default:
            defaults[name] = ast.literal_eval(default)
    return tuple(names), defaults, spread


def _tables() -> tuple[dict[str, Term], dict[Operation, _Spelling]]:
    terms: dict[str, Term] = {}
    spellings: dict[Operation, _Spelling] = {}
    for name, signature, written in _ROWS:
        arguments, defaults, spread = _parsed(signature)
        for spelling in written.split():
            function = _function(spelling)
            if function is None:
                continue
            meant = tuple(one for one in arguments if one not in _WITHOUT_MEANING)
            terms.setdefault(name, Term(name, function, meant, defaults))
            spellings.setdefault(function, _Spelling(name, arguments, spread))
    return terms, spellings


TERMS, _SPELLINGS = _tables()
ACTIVATIONS = frozenset(name for name, _, _ in _ACTIVATIONS)
DROPOUTS = frozenset(name for name, _, _ in _DROPOUTS)
LAYERS = frozenset(name for name, _, _ in _LAYERS)
DROPOUT_FUNCTIONS = frozenset(function for function, one in _SPELLINGS.items() if one.term in DROPOUTS)

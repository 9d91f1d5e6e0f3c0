"""What values were computed from, or by, instead of what was asked for."""

from __future__ import annotations

from ..message import Message, _

VALUES: dict[str, Message] = {
    "softmax_before_cross_entropy": Message(
        _("`{name}` is the cross-entropy of values that a softmax had already been applied to."),
        _(
            "`CrossEntropyLoss` takes the raw scores and applies a log-softmax itself. With a softmax in front of "
            "it, the scores are squeezed into the range from 0 to 1 first: the loss can then hardly become small, "
            "and training becomes slow."
        ),
    ),
}

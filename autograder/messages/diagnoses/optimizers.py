"""What is wrong with an optimizer: its kind, a setting, whose parameters it has."""

from __future__ import annotations

from ..message import Message, _

OPTIMIZERS: dict[str, Message] = {
    "optimizer_kind": Message(
        _("`{name}` is an optimizer of another kind than the one that was asked for."),
        _(
            "SGD, Adam and RMSprop turn the same gradients into different steps. Compare the name of the "
            "class with the question."
        ),
    ),
    "optimizer_setting": Message(
        _("The setting `{setting}` of `{name}` is not the one that was asked for."),
        _(
            "Compare each setting with the question. One that is left out has PyTorch's default, which "
            "is not the same for every optimizer; and 1e-3 is 0.001."
        ),
    ),
    "optimizer_other_parameters": Message(
        _("`{name}` does not update all parameters of `{module}`."),
        _(
            "An optimizer keeps the parameters that it was given when it was made. If the model is made "
            "anew afterwards, it goes on updating the old one, and the new one never learns. Check whose "
            "parameters were handed over, and what was made first."
        ),
    ),
}

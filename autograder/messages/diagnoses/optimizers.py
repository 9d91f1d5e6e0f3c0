"""What is wrong with an optimizer: its kind, a setting, whose parameters it has."""

from __future__ import annotations

from autograder.messages.message import Message, _

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
            "is not the same for every optimizer; and 1e-3 is 0.001. One that your cells changed "
            "later, in `param_groups` for example, counts as changed."
        ),
    ),
    "optimizer_other_parameters": Message(
        _("`{name}` updates none of the parameters of `{module}`."),
        _(
            "An optimizer keeps the parameters that it was given when it was made. If the model is made "
            "anew afterwards, it goes on updating the old one, and the new one never learns. Check whose "
            "parameters were handed over, and what was made first."
        ),
    ),
    "optimizer_some_parameters": Message(
        _(
            "`{name}` updates {moved} of the {count} weights and biases of `{module}`, and leaves the others as they "
            "are."
        ),
        _(
            "An optimizer knows only what it is given. The parameters of one layer are not those of the whole model: "
            "check whose `parameters()` were handed over."
        ),
    ),
    "optimizer_rate_power_of_ten": Message(
        _("The learning rate of `{name}` is {times} times the one that was asked for."),
        _(
            "1e-3 is 0.001, and 1e-2 is 0.01. A rate that is ten times too large can make training fail altogether. "
            "One that your cells changed later by hand counts as changed."
        ),
    ),
    "optimizer_default_kept": Message(
        _("The setting `{setting}` of `{name}` is what PyTorch takes if nothing is said."),
        _(
            "A setting that is left out has a default, which is not the same for every optimizer. Compare each one "
            "with the question."
        ),
    ),
}

"""What is wrong with a dropout: its mode, its share, its place."""

from __future__ import annotations

from autograder.messages.message import Message, _

DROPOUT: dict[str, Message] = {
    "dropout_always_on": Message(
        _("Your dropout stays on in evaluation mode."),
        _(
            "Dropout is for training only: after `eval()` it should pass everything through. A layer of the "
            "model follows the mode by itself. The function `F.dropout` does not know the mode: it has to be "
            "told through its argument `training`, and a module knows its own mode as `self.training`."
        ),
    ),
    "dropout_never_on": Message(
        _("Nothing is dropped, not even in training mode."),
        _(
            "In training mode, dropout sets a random part of the values to zero, so that the network does "
            "not rely on any single one. Check that the dropout is not only defined but also used in "
            "`forward`, and that it is not switched off there."
        ),
    ),
    "dropout_wrong_p": Message(
        _("The dropout does not have the probability that was asked for."),
        _(
            "The number `p` is the probability with which each value is set to zero. Compare it with the "
            "question."
        ),
    ),
    "dropout_keep_versus_drop": Message(
        _("Your dropout keeps the share of values that it should drop."),
        _(
            "In PyTorch, `p` is the share that is dropped, not the share that is kept. Some older texts and "
            "libraries count the other way round, which is why the two are easily confused."
        ),
    ),
    "dropout_not_independent": Message(
        _("The values are not dropped independently of each other: some are always dropped together."),
        _(
            "Dropout decides for each value of each example on its own. `nn.Dropout1d`, `nn.Dropout2d` and "
            "`nn.Dropout3d` drop whole channels instead, and a mask that is drawn once is the same for every example."
        ),
    ),
    "dropout_elsewhere": Message(
        _("The dropout is not in the place where it was asked for."),
        _(
            "Which values should be thinned out? Compare what stands directly before and after your dropout "
            "with the question, and check that it is applied only once."
        ),
    ),
    "dropout_extra": Message(
        _("There is dropout in more places than was asked for."),
        _(
            "Each dropout leaves out a part of the values, and what is left out twice is more than was asked "
            "for. Compare the steps around each one with the question."
        ),
    ),
    "dropout_unasked": Message(
        _("There is a dropout in `{name}`, and none was asked for."),
        _(
            "In training mode, a dropout sets a random part of the values to zero. Look for an `nn.Dropout`, for a "
            "call of `F.dropout`, and for a layer's own argument `dropout`."
        ),
    ),
    "dropout_not_scaled": Message(
        _("The values that remain after dropout are not scaled up."),
        _(
            "When a share `p` of the values is dropped, PyTorch divides the remaining ones by 1 - p. Their "
            "average then stays the same, and nothing needs to be corrected in evaluation mode."
        ),
    ),
}

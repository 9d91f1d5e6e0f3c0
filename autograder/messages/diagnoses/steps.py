"""What is wrong with the steps of a model, seen beside those of the one that was asked for."""

from __future__ import annotations

from autograder.messages.message import Message, _

STEPS: dict[str, Message] = {
    "activation_extra": Message(
        _("There is an activation where none was asked for."),
        _(
            "An activation changes every value that passes through it: after a ReLU, for one, everything "
            "negative is lost. Compare the steps around it with the question."
        ),
    ),
    "activation_other": Message(
        _("The activation is another one than was asked for."),
        _(
            "Activations differ in what they do with negative and with large numbers. Compare its name with "
            "the question, letter by letter: some names differ in a single sign, such as `ReLU` and `ReLU6`."
        ),
    ),
    "output_activation_extra": Message(
        _("There is an activation at the end of the model that was not asked for."),
        _(
            "The last step decides which numbers the model can return: a ReLU none below zero, a softmax "
            "only probabilities. A loss such as `nn.CrossEntropyLoss` expects the raw scores."
        ),
    ),
    "layer_missing": Message(
        _("A layer of the model is missing, or defined and never used."),
        _(
            "Count the layers in the question and those that an input really passes through. A layer that "
            "`__init__` defines does nothing until `forward` calls it, and a `return` ends `forward` at "
            "once."
        ),
    ),
    "layer_extra": Message(
        _("The model has a layer that was not asked for."),
        _(
            "Compare the layers one by one with the question. A line that was pasted twice is easily "
            "overlooked."
        ),
    ),
    "layer_other": Message(
        _("A layer is of another kind than was asked for."),
        _(
            "Compare the name of the class with the question. What it computes differs, even where the "
            "shapes agree."
        ),
    ),
    "layer_resized": Message(
        _("A layer does not have the sizes that were asked for."),
        _(
            "A layer takes first the size of what comes in, then that of what goes out. The layer behind it "
            "takes what this one gives, so a wrong number moves on; it is counted here once."
        ),
    ),
    "layer_sizes_swapped": Message(
        _("The two sizes of a layer are exchanged."),
        _("The size of what comes in stands first, the size of what goes out second."),
    ),
    "bias_extra": Message(
        _("The layer has a bias, where none was asked for."),
        _("Layers have a bias unless they are told not to. Compare with the question."),
    ),
    "step_missing": Message(
        _("A step of the model is missing."),
        _("Follow an input through `forward` and compare each step with the question."),
    ),
    "step_extra": Message(
        _("The model does something with its values that was not asked for."),
        _(
            "Everything that `forward` does to a tensor counts, also a sum, a product or an index. Check "
            "whether this step is meant to be there."
        ),
    ),
    "step_moved": Message(
        _("A step is in another place than was asked for."),
        _(
            "The order of the steps changes what is computed. Compare what stands before and after it with "
            "the question."
        ),
    ),
    "flatten_missing": Message(
        _("The values are not brought into the shape that the next layer needs."),
        _(
            "A linear layer works on the last dimension. What comes out of a convolution has rows and "
            "columns as well, and is flattened to one row for each example first; the batch stays in front."
        ),
    ),
    "branch_missing": Message(
        _("Two branches of the model are not brought together."),
        _(
            "A residual connection adds what went into a block to what comes out of it. Check that the input "
            "of the block is kept under a name of its own, and added before the next step."
        ),
    ),
    "connected_differently": Message(
        _("A step works on other values than was asked for."),
        _(
            "In `forward`, each line works on what a name stands for at that moment. Check that every step "
            "gets the result of the one before it, and that a name was not used again in between."
        ),
    ),
    "weights_shared": Message(
        _("One layer is used in two places, where two layers were asked for."),
        _(
            "A layer has one set of weights, however often it is called. Two layers of the same sizes are two calls "
            "of the class, each kept under a name of its own."
        ),
    ),
    "weights_not_shared": Message(
        _("Two layers have weights of their own, where one layer was to be used twice."),
        _("Make the layer once, and call it wherever its weights are needed."),
    ),
}

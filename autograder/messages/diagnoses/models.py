"""What is wrong with a layer or a model: a setting, an activation, what it lets depend on what."""

from __future__ import annotations

from autograder.messages.message import Message, _

MODELS: dict[str, Message] = {
    "layer_setting": Message(
        _("The layer's setting `{setting}` is not the one that the question asks for."),
        _(
            "Compare each number in the question with the arguments of the layer, in the order in which the "
            "layer takes them. An argument that is left out has PyTorch's default, which may not be what was "
            "asked."
        ),
    ),
    "number_differs": Message(
        _("The model calculates with another number than was asked for."),
        _(
            "Where does this number come from? A scale is often a width or its square root, and it matters of what: "
            "of the whole model, or of one part of it."
        ),
    ),
    "bias_missing": Message(
        _("The layer has no bias."),
        _(
            "The bias is the learned number that is added to each output. Without it, an input of zeros can "
            "only ever give zeros. Layers have one unless they are told not to."
        ),
    ),
    "parameter_missing": Message(
        _("The model lacks a weight or a bias that it should have."),
        _(
            "A layer belongs to a model only when it is assigned to `self` in `__init__`, or stands in an "
            "`nn.Sequential` or `nn.ModuleList`. A layer in an ordinary list, or one created inside "
            "`forward`, is not seen and will not be trained."
        ),
    ),
    "batch_first_differs": Message(
        _("The first dimension of the input is taken for the other one: batch and time are exchanged."),
        _(
            "With `batch_first=True` an input is (batch, time, features), otherwise (time, batch, features). The "
            "output may have the right shape all the same; look at the shapes of the last states."
        ),
    ),
    "pool_default_stride": Message(
        _("The window moves by its own size, which is what pooling does if no stride is given."),
        _(
            "Without `stride`, a pooling layer takes the size of its window. Compare with the stride that is asked for."
        ),
    ),
    "activation_missing": Message(
        _("An activation between two layers is missing."),
        _(
            "Two linear layers in a row can do no more than a single one; the activation between them is "
            "what makes the second worth having. Check that each activation that was asked for is applied in "
            "`forward`."
        ),
    ),
    "output_activation_missing": Message(
        _("The activation at the end of the model is missing."),
        _(
            "Without it, the model returns raw scores, which can be any numbers. Check that the last "
            "activation is not only defined but also applied, and that its result is the one that is "
            "returned."
        ),
    ),
    "softmax_for_log_softmax": Message(
        _("The output is a softmax, where a log-softmax was asked for."),
        _(
            "Softmax gives probabilities, log-softmax their logarithms: numbers that are never above zero. A "
            "loss such as `nn.NLLLoss` expects the logarithms. Given probabilities, it raises no error and "
            "trains badly."
        ),
    ),
    "log_softmax_for_softmax": Message(
        _("The output is a log-softmax, where a softmax was asked for."),
        _(
            "Softmax gives probabilities: numbers between 0 and 1 that add up to 1 for each example. "
            "Log-softmax gives their logarithms, which cannot be read as probabilities."
        ),
    ),
    "softmax_wrong_dim": Message(
        _("The softmax is taken over the wrong dimension."),
        _(
            "The probabilities of one example should add up to 1 over its classes. Dimension 0 is the batch: "
            "a softmax over it compares different examples with each other. Print the sums of your output "
            "along each dimension and see which of them are 1."
        ),
    ),
    "forward_not_deterministic": Message(
        _("In evaluation mode, the same input gives a different output each time."),
        _(
            "A model that is used for prediction has to answer the same question in the same way. Look for "
            "randomness that ignores the mode: dropout that is never switched off, random numbers, or layers "
            "that are created anew inside `forward`."
        ),
    ),
    "depends_on_mode": Message(
        _(
            "In training mode, the model computes something else than it should, and in evaluation mode it does not."
        ),
        _(
            "A mode changes what dropout and batch norm do, and nothing else. Look for `self.training` in "
            "`forward`, and for an argument `training` that is written as `True` or `False`."
        ),
    ),
    "parameters_cannot_learn": Message(
        _("`{name}` gives the right numbers, but part of it cannot be trained: no gradient comes to its parameters."),
        _(
            "Training changes a parameter by the gradient that comes back to it from the output. Look in `forward` for "
            "`detach()`, `.data`, `.item()` and `torch.no_grad()`, which cut that way, and for a `requires_grad` that "
            "was set to `False`."
        ),
    ),
    "parameters_not_frozen": Message(
        _("Parameters of `{name}` that should stay as they are would be trained."),
        _(
            "A parameter is frozen by setting its `requires_grad` to `False`, for a whole layer by "
            "`requires_grad_(False)`. Check which layers the question wants to keep."
        ),
    ),
    "depends_on_batch_size": Message(
        _("The output for one example depends on the other examples in its batch."),
        _(
            "Each row of a batch is an example of its own and must not influence its neighbours. Look for an "
            "operation along dimension 0, which is the batch, or for a reshape that mixes rows."
        ),
    ),
    "does_not_accept_batch": Message(
        _("The model does not work with batches of every size."),
        _(
            "The first dimension counts the examples, and a model has to take any number of them. Look for a "
            "batch size written as a number, for example in a call of `view` or `reshape`."
        ),
    ),
}

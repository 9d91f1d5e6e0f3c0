"""What values were computed from, or by, instead of what was asked for."""

from __future__ import annotations

from autograder.messages.message import Message, _

VALUES: dict[str, Message] = {
    "softmax_before_cross_entropy": Message(
        _("`{name}` is the cross-entropy of values that a softmax had already been applied to."),
        _(
            "`CrossEntropyLoss` takes the raw scores and applies a log-softmax itself. With a softmax in front of "
            "it, the scores are squeezed into the range from 0 to 1 first: the loss can then hardly become small, "
            "and training becomes slow."
        ),
    ),
    "other_function": Message(
        _("`{name}` holds what `{function}` gives for the given values, which is not what was asked for."),
        _(
            "Compare the name of the function with the question, and the names of the variables with each other."
        ),
    ),
    "other_slope": Message(
        _("`{name}` has the slope {found} for numbers below zero, where {expected} was asked for."),
        _(
            "The slope says how much of a negative number is left. Compare it with the question, digit by digit."
        ),
    ),
    "function_not_applied": Message(
        _("`{name}` holds the given values themselves: no function has been applied to them."),
        _("Check that you kept the result of the call, and not what went into it."),
    ),
    "dropped_values": Message(
        _(
            "In `{name}`, part of the values is zero and the others are scaled up, as dropout leaves them in training."
        ),
        _(
            "In evaluation mode, dropout passes everything through. Check that the mode was switched before the call, "
            "that what you called follows it, and that it was given the original input and not the training output."
        ),
    ),
    "loss_summed": Message(
        _("`{name}` is the sum of the losses of all examples, and not their mean."),
        _(
            "A mean can be compared between batches of different sizes, and is what losses give unless they are told "
            "otherwise through `reduction`."
        ),
    ),
    "loss_not_reduced": Message(
        _("`{name}` holds every loss on its own, and not their mean."),
        _(
            "Training needs one number to make smaller. Losses give the mean unless told otherwise through `reduction`."
        ),
    ),
    "nll_of_scores": Message(
        _(
            "`{name}` is the negative log-likelihood of the raw scores, which are no logarithms of probabilities yet."
        ),
        _(
            "`NLLLoss` expects what a log-softmax gives. `CrossEntropyLoss` is the two in one and takes the scores as "
            "they are."
        ),
    ),
    "nll_of_probabilities": Message(
        _("`{name}` is the negative log-likelihood of probabilities. It has to be that of their logarithms."),
        _(
            "`NLLLoss` takes no logarithm itself: it expects what a log-softmax gives. `CrossEntropyLoss` is the two "
            "in one and takes the raw scores."
        ),
    ),
    "mean_square_for_classes": Message(
        _("`{name}` is a mean squared error, as if the numbers of the classes were quantities."),
        _(
            "Class 2 is not twice class 1: the numbers are only names. A loss for classes looks at the probability "
            "that was given to the right one."
        ),
    ),
    "loss_of_every_pair": Message(
        _("`{name}` compares every prediction with every target, not with its own."),
        _(
            "Of the shapes (n, 1) and (n,), PyTorch makes a table of all pairs before it subtracts. Predictions and "
            "targets need the same shape."
        ),
    ),
    "sigmoid_before_loss": Message(
        _("`{name}` is the loss of values that a sigmoid had already been applied to."),
        _("`BCEWithLogitsLoss` takes the raw scores and applies the sigmoid itself; `BCELoss` does not."),
    ),
    "states_for_output": Message(
        _("`{name}` holds the last states of `{module}`, and not its output."),
        _(
            "A recurrent layer gives its output, with the values of every step, and the states that its layers are "
            "left with after the last one. The output comes first."
        ),
    ),
    "last_step_for_output": Message(
        _("`{name}` holds the last step of the output of `{module}`, and not all of them."),
        _("The output has the values of every step of the sequence. Choosing the last is a step of its own."),
    ),
    "output_in_training_mode": Message(
        _("`{name}` is what `{module}` gives in training mode, not in evaluation mode."),
        _(
            "A new model is in training mode, in which a batch norm normalises by the batch at hand; in evaluation it "
            "uses what it has kept of earlier ones. Call `eval()` before the output is computed."
        ),
    ),
    "output_without_batch": Message(
        _("`{name}` is what `{module}` gives for one example, taken out of its batch."),
        _("The batch is the first dimension of every input and every output, even where it is 1."),
    ),
    "gradients_not_cleared": Message(
        _("`{name}` is the loss after a step along new and old gradients, added up."),
        _(
            "`backward()` adds to the gradients that are already there. Call `zero_grad()` before it, so that the step "
            "follows this loss alone."
        ),
    ),
    "loss_unchanged": Message(
        _("`{name}` is the same loss as before: no weight has moved, or it was not computed anew."),
        _(
            "`backward()` computes gradients, `step()` moves along them, and `zero_grad()` belongs in front of both. "
            "Then compute the loss again: a tensor that was computed before does not change with the weights."
        ),
    ),
    "computed_in_other_mode": Message(
        _("`{name}` was computed in the other mode, in which a batch norm works differently."),
        _(
            "In training it normalises by the batch at hand, in evaluation by what it has kept of earlier ones. Look "
            "at where `train()` and `eval()` are called, and what runs in between."
        ),
    ),
}

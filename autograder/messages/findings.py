"""Findings: what a check saw in a student's answer. Why it is so, where that is known, is a diagnosis.

Texts say what is wrong, in one sentence; what was expected and found stands beside them in every
renderer. Helps say why it matters and where to look, and never what to type.
"""

from __future__ import annotations

from autograder.messages.message import Message, _

FINDINGS: dict[str, Message] = {
    # Names and types
    "missing_name": Message(
        _("`{name}` is not defined in this question's cells."),
        _(
            "The name has to be spelled exactly like this and be assigned in this question's own cells: a "
            "value left over from an earlier question does not count. Look for a slip in the spelling, or "
            "for a line that was never reached."
        ),
    ),
    "wrong_type": Message(
        _("`{name}` is not of the type that the question asks for."),
        _(
            "Look at the last assignment to this name. A class without parentheses (`nn.ReLU`) is the class "
            "itself, not yet a layer; a layer that has been called with an input is its output, no longer "
            "the layer."
        ),
    ),
    "not_a_tensor": Message(
        _("`{name}` is not a tensor."),
        _(
            "Check that you kept the result itself, not a number, a list or an array made from it. Some "
            "layers return several values at once: an LSTM gives its output and its states. Keep the part "
            "that the question asks for."
        ),
    ),
    "not_an_optimizer": Message(
        _("`{name}` is not an optimizer."),
        _(
            "An optimizer comes from calling its class with the parameters it is to update and its "
            "settings. The class alone, its name in quotation marks, or what one of its steps returns "
            "cannot be used as one."
        ),
    ),
    "unusual_tensor": Message(
        _("`{name}` is a tensor of a kind that cannot be looked at here."),
        _(
            "Ordinary tensors hold a moderate number of real or whole numbers, each of them stored. Look "
            "at how this one was made: complex, sparse and quantised tensors come from functions of "
            "their own, and one with millions of elements from a size with too many zeros."
        ),
    ),
    "not_a_module": Message(
        _("`{name}` is not a layer or a model (an `nn.Module`)."),
        _(
            "A layer comes from calling its class with its sizes; a model of your own comes from calling "
            "your class. The class alone, or the output of a layer, cannot be used as one."
        ),
    ),
    # What was to be written down
    "not_a_literal": Message(
        _("`{name}` is not written down as numbers."),
        _(
            "This question asks for a prediction: write the numbers themselves, or the arithmetic that "
            "leads to them. What a layer, a loop or a function of your own computes does not count here, "
            "for then the computer has predicted it and not you."
        ),
    ),
    "not_a_shape": Message(
        _("`{name}` is not a shape."),
        _(
            "A shape has one whole number for each dimension, the batch among them, in a tuple or a "
            "list. Look for a division with a single slash: it gives a decimal number even where it "
            "comes out even."
        ),
    ),
    "missing_entry": Message(
        _("`{name}` has no entry `{key}`."),
        _(
            "The keys have to be spelled exactly as in the question, in quotation marks. Entries that "
            "are there count on their own."
        ),
    ),
    # Values
    "wrong_shape": Message(
        _("`{name}` does not have the expected shape."),
        _(
            "Say of each dimension what it counts, such as examples, steps, channels or classes, and print the shapes "
            "on the way to this tensor. The first dimension that differs is the place to look: which step makes it, "
            "takes it away or gives it its size?"
        ),
    ),
    "wrong_output_shape": Message(
        _("What `{name}` gives does not have the expected shape, for inputs that were made up to try it."),
        _(
            "The first dimension is the batch; several shapes are those of several outputs. Follow the shape of an "
            "input of your own through the layers, one by one, and see where it stops being what the question asks "
            "for."
        ),
    ),
    "wrong_prediction": Message(
        _(
            "`{name}` is not the shape that comes out; the first number that differs is that of dimension {dimension}."
        ),
        _(
            "Dimensions count from 0. Write down what this one is (the batch, the channels, a height or a width, the "
            "features), which setting of the layer decides it, and compute it once more with the section's formula."
        ),
    ),
    "wrong_number_of_dimensions": Message(
        _("`{name}` does not have as many dimensions as what comes out."),
        _(
            "The batch is a dimension as well, and stays in front. A layer for images gives four dimensions, "
            "one for sequences three."
        ),
    ),
    "values_differ": Message(
        _("`{name}` does not hold the expected values; the largest difference is {max_difference}."),
        _(
            "Rounding is allowed for, and this is more than rounding. Check which input the values were "
            "computed from, by which function, and along which dimension."
        ),
    ),
    "exact_values_differ": Message(
        _("`{name}` does not hold what was expected; the difference is up to {max_difference}."),
        _("Check what was counted or computed, from which input, and along which dimension."),
    ),
    "nan_values": Message(
        _("`{name}` contains NaN: values that are not numbers."),
        _(
            "NaN comes from calculations without a result: 0/0, infinity minus infinity, 0 times infinity, the "
            "logarithm of a negative number, or a softmax over a row in which a mask has made everything `-inf`. "
            "It spreads to all that is computed from it. Print the values step by step and find the "
            "first place where it appears."
        ),
    ),
    "infinite_values": Message(
        _("`{name}` is infinite in places where another value is expected."),
        _(
            "Infinity comes from a division by zero, the logarithm of zero, the exponential of a large number, or from "
            "a mask that writes it. Print the values step by step and find the first place where it appears."
        ),
    ),
    "infinity_missing": Message(
        _("`{name}` is not infinite in places where infinity is expected."),
        _(
            "Compare with the question which places are to be infinite, and with which sign. A large finite "
            "number such as `-1e9` is something else than `-inf`."
        ),
    ),
    "wrong_dtype": Message(
        _("`{name}` does not have the expected data type."),
        _(
            "Layers calculate with floating-point numbers, and class labels are whole numbers. Look at how "
            "the tensor was created: the values given there decide its `dtype`."
        ),
    ),
    "output_not_from_input": Message(
        _("`{name}` is not what `{module}` computes from the given input."),
        _(
            "Check that the output was computed by this very layer or model, from the given input, and after it was "
            "last made anew, changed or trained: a tensor that was computed before stays as it was. The comparison is "
            "with the output in evaluation mode, after `eval()`."
        ),
    ),
    "output_not_evaluated": Message(
        _(
            "`{name}` is not what `{module}` gives for the given input in evaluation mode. In training mode, "
            "`{module}` gives something else each time."
        ),
        _(
            "Dropout is random in training mode, and a new model is in training mode. Was `eval()` called before this "
            "output was computed? If it was, check that the output is this model's own, from the given input, and was "
            "computed after the model was last made anew, changed or trained."
        ),
    ),
    "output_is_input": Message(
        _("`{name}` is the input itself: `{module}` has changed nothing."),
        _(
            "A layer that has something to compute gives back other numbers than it got. An empty "
            "`nn.Sequential()` hands its input on."
        ),
    ),
    # Layers and their parameters
    "parameters_differ": Message(
        _("The model does not have the weights of the layers that were asked for."),
        _(
            "Find the first shape that differs, is missing or is too many: a size, a bias, a layer that is used twice. "
            "The weight of a linear layer has the shape (outputs, "
            "inputs), so its two numbers stand in reverse order here; and the inputs of each layer are the "
            "outputs of the one before it."
        ),
    ),
    "parameters_of_another_type": Message(
        _("Parameters of `{name}` are not of the type that layers are made in."),
        _(
            "A model calculates in the type of its parameters: in half precision it refuses ordinary inputs, and gives "
            "three digits at most. Look for a call that converts the model, such as `half()`, `bfloat16()` or `to()` "
            "with a type, and for a `dtype` that was given to a layer or set as the default."
        ),
    ),
    "parameters_without_size": Message(
        _("`{name}` has parameters that have no size yet, so that there is nothing to update."),
        _(
            "A layer such as `nn.LazyLinear` takes its size from the first input that it meets, and has no numbers "
            "until then. A model with such layers has to be called once before its parameters are of use."
        ),
    ),
    # What a model computes
    "different_computation": Message(
        _(
            "With the same weights and a batch of size {batch}, the model does not compute what the model in "
            "the question computes."
        ),
        _(
            "Read your model line by line beside the question. Is every layer used, and in the order asked "
            "for? Is there an activation wherever one is asked for, and nowhere else? Is the result of the "
            "last step the one that is returned?"
        ),
    ),
    "statistics_differ": Message(
        _("After training on a batch, the model has not kept what the model in the question keeps of it."),
        _(
            "A batch norm keeps a running mean and variance: training moves them a little with every batch, "
            "evaluation uses them. How far they move is the layer's `momentum`. Leave it at the default if no other "
            "is asked for, and let the layer follow the mode of the model."
        ),
    ),
    "steps_differ": Message(
        _("At one place, the model does something else than was asked for."),
        _(
            "The steps before and behind that place are as they should be. Compare what stands between them with the "
            "question, step by step."
        ),
    ),
    "forward_raised": Message(
        _("Calling the model with an input of shape `{shape}` raised `{error}: {message}`"),
        _(
            "The error comes from inside the model. Check that the output size of each layer is the input "
            "size of the next, that `forward` uses the names that `__init__` defines, and that each step "
            "works on the result of the step before."
        ),
    ),
    "forward_returned_no_tensor": Message(
        _("Calling `{name}` does not return a tensor."),
        _(
            "A call gives what `forward` returns. Without a `return`, that is `None`, however much was "
            "computed before. Check that there is one, that it is indented to stand in `forward` itself, "
            "and that it returns the result of the last step."
        ),
    ),
    # Dropout
    "dropout_not_visible": Message(
        _("Whatever is dropped, the output of `{name}` stays the same."),
        _(
            "What dropout leaves out should be missing in everything computed from it. Check that the "
            "later layers work on the result of the dropout, that the last step returns their result, "
            "and that it does not make all outputs equal: a softmax over a single number is always 1."
        ),
    ),
    "train_output_not_dropped": Message(
        _("The training output is not the result of dropout in training mode."),
        _(
            "In training mode, some values become zero and the others are scaled up. Check which mode the "
            "layer was in when it was called, and that it was called with the given input."
        ),
    ),
    "eval_output_changed": Message(
        _("The evaluation output is not the same as the input."),
        _(
            "In evaluation mode, dropout passes its input through unchanged. Check that the mode was "
            "switched before the call, and that the call was given the original input and not the training "
            "output."
        ),
    ),
    # Optimizers
    "optimizer_differs": Message(
        _("`{name}` does not update parameters as the optimizer in the question does."),
        _(
            "From the same gradients, its steps come out differently, and no single setting explains it. "
            "Compare all settings with the question, those that you left out among them; settings of "
            "single groups of parameters count too."
        ),
    ),
    "optimizer_raised": Message(
        _("A step of `{name}` raised `{error}: {message}`"),
        _(
            "The optimizer was asked to update the model once. Check that it was given the parameters of "
            "the model, and not their names or copies of them."
        ),
    ),
    "not_comparable": Message(
        _(
            "The optimizer could not be tried on `{name}`: it has no parameters to update, far too many, or some "
            "that are empty or do not hold floating-point numbers."
        ),
        _(
            "An optimizer changes the weights of a model. Check that the name still means the model you "
            "built, and not an empty one or something else."
        ),
    ),
    # Where a check says no more
    "check_failed": Message(
        _("This check did not pass."),
        _(
            "The heading says what it looked at. Compare that with the question and with your answer, "
            "part by part."
        ),
    ),
    "check_said": Message(
        _("{sentence}"),
        _("Your instructor wrote this for the check. Compare it with the question and with your answer."),
    ),
}

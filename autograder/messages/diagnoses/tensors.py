"""Why PyTorch raised: shapes that do not meet, dimensions and data types, predictions and targets."""

from __future__ import annotations

from autograder.messages.message import Message, _

TENSORS: dict[str, Message] = {
    # Shapes
    "layers_do_not_meet": Message(
        _("The layer takes {wanted} numbers for each example, and {given} come in."),
        _(
            "What comes in has to be as large as the layer was made for: between two layers, the outputs of the first "
            "are the inputs of the second. A layer's first number is what it takes, its second what it gives. Print "
            "the shape before the line that fails."
        ),
    ),
    "input_not_flattened": Message(
        _(
            "The linear layer takes {wanted} numbers for each example, and gets them in several rows of {given}."
        ),
        _(
            "A linear layer works on the last dimension alone. What has height and width, or steps, has to be "
            "flattened first, each example on its own and the batch left as it is."
        ),
    ),
    "channels_do_not_meet": Message(
        _("The convolution takes {wanted} channels and gives {out}; what comes in has {given}."),
        _(
            "A convolution's first number is the channels that come in, its second those that go out. Compare both "
            "with the input, or with the layer before."
        ),
    ),
    "norm_does_not_meet": Message(
        _("The normalisation was made for `{wanted}`, and what comes in has `{given}`."),
        _(
            "A normalisation has numbers of its own for each channel or feature. It is made for as many as the layer "
            "before it gives."
        ),
    ),
    "wrong_number_of_input_dimensions": Message(
        _(
            "The layer takes an input of `{wanted}` dimensions, without or with a batch, and gets another number "
            "of them."
        ),
        _(
            "Images have the dimensions batch, channels, height and width; sequences batch, steps and features. Look "
            "for a flattening that comes too early, or for a dimension that was lost."
        ),
    ),
    "window_larger_than_input": Message(
        _("What gets there has the size {size}, and the window is larger."),
        _(
            "Every convolution without padding and every pooling makes its input smaller. Follow the height and the "
            "width through the layers. A check may try a model on an input of another size than the notebook's."
        ),
    ),
    "sizes_do_not_meet": Message(
        _(
            "Two tensors are combined element by element, and in dimension {dimension} one has {first}, the "
            "other {second}."
        ),
        _(
            "Adding, subtracting and comparing need equal sizes, or a size of 1 on one side. Print both shapes before "
            "the line that fails."
        ),
    ),
    "view_fixed_batch": Message(
        _("The number of examples is written down as {found}, and another number of them came in."),
        _(
            "A model has to take batches of any size. The size of the batch can be asked of the input, and `view` and "
            "`reshape` work out one dimension by themselves where it says -1."
        ),
    ),
    "view_does_not_fit": Message(
        _("The tensor has {size} elements, which cannot be arranged as `{shape}`."),
        _(
            "A new shape has to hold exactly as many elements as there are: the product of its sizes. A -1 stands for "
            "what is left over, and has to come out even."
        ),
    ),
    "dimension_out_of_range": Message(
        _("There is no dimension {number}: this tensor's dimensions go from {low} to {high}."),
        _(
            "`dim` is the number of a dimension, counted from 0, and not its size: a tensor of shape (2, 5) has 0 and "
            "1, however many classes there are. Negative numbers count from the end."
        ),
    ),
    "softmax_without_dim": Message(
        _("`{function}` is not told along which dimension the values are to add up."),
        _(
            "The probabilities of one example should add up to 1 over its classes. Which dimension of the input are "
            "the classes?"
        ),
    ),
    # Types
    "dtypes_do_not_meet": Message(
        _("Numbers of type `{given}` meet numbers of type `{wanted}`."),
        _(
            "Layers calculate with 32-bit floating-point numbers unless told otherwise, and class labels are whole "
            "numbers. Look at how the input was made: the values given there decide its type."
        ),
    ),
    "tuple_taken_for_tensor": Message(
        _("`{function}` is used on several values at once, a tuple, where one tensor belongs."),
        _(
            "An LSTM gives its output and its states: take them apart before you go on. A comma at the end of a line "
            "makes a tuple as well."
        ),
    ),
    "none_taken_for_tensor": Message(
        _("`{function}` is used on `None`, which is no tensor."),
        _(
            "A function or a `forward` without a `return` gives `None`, and so does `print`. Look at where the value "
            "comes from."
        ),
    ),
    "layer_taken_for_tensor": Message(
        _("`{function}` is used on the layer `{layer}` itself, not on what it gives."),
        _(
            "A layer is made once and called afterwards, each with parentheses of its own. Look for a layer that was "
            "made and never called with an input, or for an input in the first parentheses."
        ),
    ),
    "size_is_decimal": Message(
        _("A size of the layer is a decimal number."),
        _(
            "Sizes are whole numbers. In Python, `/` gives a decimal even where it comes out even, and `//` does not."
        ),
    ),
    "probability_out_of_range": Message(
        _("The dropout's `p` is `{number}`. It is a share between 0 and 1."),
        _("`p` is the probability with which each value is set to zero, and not a percentage."),
    ),
    # Predictions and targets
    "classes_as_decimals": Message(
        _("The right classes are decimal numbers (`{given}`). This loss takes the number of each class."),
        _(
            "The target of a classification is one whole number for each example: which column of the scores is the "
            "right one. Look at how the targets were made or changed."
        ),
    ),
    "classes_as_rows": Message(
        _("The right classes have the shape of the predictions, and hold whole numbers."),
        _(
            "This loss takes the number of the right class for each example. A row with a 1 at the right class is "
            "called one-hot, and other libraries ask for it."
        ),
    ),
    "classes_in_columns": Message(
        _(
            "The right classes have more dimensions than one. This loss takes one number for each example, in a row."
        ),
        _(
            "With scores of shape (batch, classes), the targets have the shape (batch,). Print both shapes, and check "
            "which of the two is given first."
        ),
    ),
    "batches_do_not_meet": Message(
        _("There are predictions for {given} examples and targets for {wanted}."),
        _(
            "Each example needs its target. Look for a tensor of another question, or for a shape that was changed."
        ),
    ),
    "class_out_of_range": Message(
        _("Class {number} does not exist in the predictions."),
        _(
            "Classes are counted from 0, and each is a column of the scores: with ten columns the last class is "
            "number 9. A model with too few outputs lacks some."
        ),
    ),
    "loss_without_graph": Message(
        _("`backward()` was called on a value that does not depend on any weight that learns."),
        _(
            "Follow the value back to the model. `argmax()`, a comparison, `.item()`, `.detach()`, `torch.tensor()` "
            "and all that is computed under `torch.no_grad()` cut the way to the weights; so do weights that are "
            "frozen."
        ),
    ),
    "embedding_too_small": Message(
        _("An embedding was given a number for which it has no row."),
        _(
            "An embedding of 50 rows knows the numbers from 0 to 49. Its first argument is how many numbers there can "
            "be, which is one more than the largest of them."
        ),
    ),
    "loss_arguments_swapped": Message(
        _("The right classes are given where the predictions belong."),
        _("A loss takes the predictions first and the targets second. They are not treated alike."),
    ),
}

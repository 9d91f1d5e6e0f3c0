"""Slips in code: names, parentheses, arguments, what a class lacks, and what is no Python."""

from __future__ import annotations

from autograder.messages.message import Message, _

SLIPS: dict[str, Message] = {
    # Names
    "name_misspelt": Message(
        _("Nothing is called `{name}` here. There is a `{close}`."),
        _("Names have to be spelled alike everywhere, capitals included."),
    ),
    "name_defined_later": Message(
        _("`{name}` is defined further down only, in cell {later}."),
        _(
            "Cells are run from the top. While you work, the kernel remembers what a lower cell has defined before; a "
            "fresh one does not. Restart it and run all cells."
        ),
    ),
    "name_never_defined": Message(
        _("No cell of the notebook defines `{name}`."),
        _(
            "While you work, the kernel remembers names of cells that have been deleted or changed since; a fresh one "
            "does not. Restart it and run all cells. If the name never existed, look for a slip in its spelling."
        ),
    ),
    "import_missing": Message(
        _("`{name}` is not imported in this notebook. It usually stands for `{package}`."),
        _(
            "A package has to be imported in a cell above, under the name that you use. What another notebook has "
            "imported does not count."
        ),
    ),
    "torch_name_misspelt": Message(
        _("`{module}` has no `{name}`. It has `{close}`."),
        _(
            "Layers are classes, and classes begin with a capital letter; functions are written in small letters."
        ),
    ),
    "answer_misspelt": Message(
        _("This question's cells define `{close}`, and `{name}` is asked for."),
        _("The name has to be spelled exactly as in the question, capitals included."),
    ),
    # Parentheses and arguments
    "layer_without_parentheses": Message(
        _("`{layer}` stands there without parentheses: that is the class, not a layer."),
        _(
            "A class is a plan; calling it makes a layer, also where there is nothing to set. This holds for each of "
            "the layers in a row."
        ),
    ),
    "class_without_parentheses": Message(
        _("`{function}` is called on a class, not on an object made from it."),
        _(
            "A class is a plan; calling it makes an object. Look for a class that was assigned without parentheses."
        ),
    ),
    "class_for_object": Message(
        _("`{name}` is the class `{class}` itself, not an object made from it."),
        _("A class is a plan; calling it, with parentheses, makes an object of it."),
    ),
    "function_in_sequential": Message(
        _("`{function}` is a function, and a model in a row is made of layers."),
        _(
            "Nearly every function has a layer that does the same. A class of your own can use either in `forward`."
        ),
    ),
    "list_in_sequential": Message(
        _("The layers are given as one `{found}`, and each has to be given on its own."),
        _(
            "`nn.Sequential` takes layers as its arguments. A star in front of a list hands over what is in it."
        ),
    ),
    "layer_built_with_values": Message(
        _("`{layer}` is given values where it is made. They belong into a second pair of parentheses."),
        _(
            "The first parentheses make the layer or the loss and hold its settings; the second call it with values."
        ),
    ),
    "layer_for_output": Message(
        _("`{name}` is `{layer}` itself, which has not been called yet."),
        _("The first parentheses make the layer or the loss; a second pair, with values in it, calls it."),
    ),
    "output_for_layer": Message(
        _("`{name}` is a tensor: what a layer gives, not the layer."),
        _("Keep the layer under one name and its output under another, so that both can be looked at."),
    ),
    "states_with_output": Message(
        _("`{name}` holds all that the layer gives: its output and its last states."),
        _(
            "A recurrent layer gives two things. Take them apart when you call it, and keep the one that is asked for."
        ),
    ),
    "result_not_kept": Message(
        _("`{call}` is computed, and its result is not kept."),
        _("A cell shows the value of its last line, and forgets it. Only an assignment gives it a name."),
    ),
    "layer_made_anew": Message(
        _("`{module}` is made anew after `{name}` was computed: the layer of that name is another one now."),
        _(
            "A new layer begins with new weights. Compute the output after the layer was made for the last time."
        ),
    ),
    "input_of_its_own": Message(
        _("`{name}` is computed from `{argument}`, which this question's cells make themselves."),
        _("The question gives an input. What you try out on another one is welcome under a name of its own."),
    ),
    "computed_in_evaluation_mode": Message(
        _("`{name}` is computed in evaluation mode: `eval()` was called before, and `train()` was not."),
        _(
            "A layer that was just made is in training mode. `eval()` and `train()` switch it until the next of them."
        ),
    ),
    "method_not_called": Message(
        _("A method stands there without parentheses, so that it is not called."),
        _("Without parentheses you have the method itself and not what it gives, as with `parameters`."),
    ),
    "tensor_called": Message(
        _("A tensor is called as if it were a layer."),
        _("Look for a name that first stood for a layer and was then given to its output."),
    ),
    "package_called": Message(
        _("A package is called as if it were a class or a function."),
        _("The package holds what you want to call, under a name of its own."),
    ),
    "argument_missing": Message(
        _("`{function}` is not given everything it needs. Missing: `{argument}`"),
        _("Some arguments have no default. The section on this layer or class names them in their order."),
    ),
    "argument_misspelt": Message(
        _("`{function}` has no argument `{argument}`. It has `{close}`."),
        _("Arguments have to be spelled exactly as PyTorch names them."),
    ),
    "argument_unknown": Message(
        _("`{function}` has no argument `{argument}`."),
        _("Look up which settings there are, and whether this one belongs to something else."),
    ),
    "arguments_too_many": Message(
        _("`{function}` takes {takes} arguments and is given {given}."),
        _("Compare what stands in the parentheses with what it takes."),
    ),
    "optimizer_given_model": Message(
        _("`{optimizer}` is given a layer or a model, and it takes parameters."),
        _(
            "An optimizer knows nothing of models. It is given the numbers that it is to move, and a model can "
            "list them."
        ),
    ),
    "optimizer_without_parameters": Message(
        _("The optimizer is given no parameters: the model has none that PyTorch can see."),
        _(
            "A layer belongs to a model only when it is assigned to `self` in `__init__`, or stands in an "
            "`nn.Sequential` or `nn.ModuleList`. Layers in an ordinary list are not seen."
        ),
    ),
    # Classes
    "super_init_missing": Message(
        _("The class keeps its first {what} before `super().__init__()` has been called."),
        _(
            "`nn.Module` has to prepare a place for layers before it can keep any. This is the first thing that "
            "`__init__` does."
        ),
    ),
    "init_misspelt": Message(
        _("`{name}` has a method `{method}`, and Python looks for `__init__`."),
        _(
            "There are two underscores on each side. A method of another name is never called when an object is made."
        ),
    ),
    "self_missing": Message(
        _("The method `{method}` has no `self`."),
        _(
            "Python hands every method the object that it is called on, as the first argument, and that needs a name."
        ),
    ),
    "self_misspelt": Message(
        _("The method `{method}` calls its object `{argument}`, and its lines say `self`."),
        _(
            "The first argument of a method is the object itself. It has to have the name that the lines below use."
        ),
    ),
    "attribute_misspelt": Message(
        _("`{owner}` has no `{name}`. It has `{close}`."),
        _("What `__init__` keeps under a name has to be used under the same name in `forward`."),
    ),
    "attribute_never_set": Message(
        _("`{owner}` uses `{name}`, and nothing in the class sets it."),
        _("What `forward` uses has to be made and kept in `__init__`, under the same name."),
    ),
    "forward_missing": Message(
        _("`{name}` has no `forward`."),
        _(
            "A call of the model runs the method `forward`. Without it, PyTorch knows the layers and not in "
            "which order "
            "to use them."
        ),
    ),
    "forward_misspelt": Message(
        _("`{name}` has a method `{method}`, and PyTorch looks for `forward`."),
        _("A call of the model runs the method of exactly this name."),
    ),
    "forward_nested": Message(
        _("In `{name}`, `forward` stands inside `{method}`, so that it is no method of the class."),
        _("Indentation says what belongs to what. Methods of a class begin one below the other."),
    ),
    "forward_without_return": Message(
        _("`forward` computes everything and returns nothing."),
        _("A call gives what `forward` returns. Without a `return` that is `None`."),
    ),
    "forward_takes_no_input": Message(
        _("`forward` of `{name}` takes no input."),
        _("The input of the model comes after `self`, under a name of your choice."),
    ),
    "forward_calls_itself": Message(
        _("`forward` calls the model itself, without end."),
        _(
            "A call of the model runs `forward`. Within it, the layers are called, each with the result before it."
        ),
    ),
    "class_never_called": Message(
        _("`{class}` is defined and never called, so that there is no `{name}`."),
        _("A class is a plan. Calling it makes an object, and an assignment gives that a name."),
    ),
    # No Python
    "prose_in_cell": Message(
        _("Line {line} is a sentence, and this is a cell for code."),
        _("Text belongs into a text cell, or behind a `#`, which makes it a comment."),
    ),
    "code_half_typed": Message(
        _("The code breaks off in line {line}: something that was begun there, or before, is not finished."),
        _(
            "Every bracket and every quotation mark that is opened has to be closed. Look from that line upwards."
        ),
    ),
    "indentation_wrong": Message(
        _("The indentation of line {line} does not fit the lines around it."),
        _(
            "Indentation says what belongs to what: the lines of a block begin at the same place, and a line that ends "
            "in a colon needs one."
        ),
    ),
    "colon_missing": Message(
        _("A colon is missing in line {line}."),
        _("`class`, `def`, `if`, `for` and the like end in a colon, and their block follows."),
    ),
    "character_not_python": Message(
        _("Line {line} has a character that Python does not know, `{character}`."),
        _(
            "Code that was copied from a document may bring along typographic quotation marks or special spaces."
        ),
    ),
}

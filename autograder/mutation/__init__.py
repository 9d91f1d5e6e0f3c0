"""Do the checks notice when the reference answers are changed? The proof that no weak check is left.

    solutions/<name>/<name>.ipynb ──► mutants ──► notebooks ──► the engine ──► caught, or survived

A mutant is one question's reference answer with one thing changed that a student might get wrong: a number, a
layer, an argument, an order, a name, an operator, a statement left out. It is caught when one of its question's
checks is lost. One that survives is a weak check, unless it still does what the reference does: that is found by
running both (:mod:`~autograder.mutation.behaviour`), or said, with the reason, in ``solutions/<name>/equivalent.toml``.

    written     a source and where in it each node of its syntax tree stands
    constants · operators · calls · parts · names · order     what is changed; each yields edits
    mutants     all of them, each once
    dependence  which question builds on which
    packing     many mutants into few notebooks
    behaviour   whether a survivor does what the reference does
    listing     equivalent.toml
    proof       grades them all and says what was found
"""

"""The untrusted end. Nothing here decides, knows or protects a grade.

    server       process 1 of the sandbox: warms up once, then forks a runner for every submission
    confinement  what a fresh fork does to itself before it reads a byte of student code
    conversation a runner's life: read a request, answer it, until the other end hangs up
    cells        runs a notebook's cells in IPython
    shell        IPython, spared what an ordinary cell does not need
    output       what cells print
    probes       answers questions about the objects that the cells left behind
    modules      forward passes of a student's module, and its restoration afterwards
    lazy         layers that have no size before a first call
    generators   random numbers, as the cells left them whatever is asked
    optimizers   steps of a student's optimizer, and its restoration afterwards
    replays      graphs that somebody claims, performed
    habits       what ordinary notebooks do that is not to be had here, done harmlessly
    warmth       what is paid once per slot instead of once per submission
    memory       the fork server's memory, laid out so that a fork costs little
    code_pages   the libraries' code, moved into it
    trial        each layer of confinement, applied and seen to refuse something

Only these modules, ``autograder.wire`` and Python's libraries exist inside the sandbox. Nothing that grades other
people's work imports this package; ``autograder.here`` and ``autograder.practice`` do, by which students check their
own.
"""

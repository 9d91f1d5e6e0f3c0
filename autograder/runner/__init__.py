"""The untrusted end. Nothing here decides, knows or protects a grade.

    server       process 1 of the sandbox: warms up once, then forks a runner for every submission
    confinement  what a fresh fork does to itself before it reads a byte of student code
    conversation a runner's life: read a request, answer it, until the other end hangs up
    cells        runs a notebook's cells in IPython
    probes       answers questions about the objects that the cells left behind
    trial        a process that confines itself by one layer and says whether it held
    modules      forward passes of a student's module, and its restoration afterwards

Only these modules, ``autograder.wire`` and Python's libraries exist inside the sandbox. Nothing outside
imports this package.
"""

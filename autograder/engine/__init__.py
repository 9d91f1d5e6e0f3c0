"""Where workers run.

- ``options``: how to run, and what comes out: records
- ``intake``: found submissions into jobs, each keyed by all that its result depends on
- ``losses``: what a lost worker means for the submission it was at
- ``backlog``: what is left to grade
- ``process``: a worker process of this machine
- ``local``: workers of this machine
- ``cpus``: which CPU a worker gets where several programs share a machine
- ``orders``, ``remote``, ``dask``: workers of a Dask cluster: what is said, the far end, the head
"""

"""The trusted end of the sandbox: it starts fork servers, hands out runners, and keeps the clock.

    contract     what grading asks of a slot, whatever stands behind it
    syscalls     the seccomp allow-list, compiled once
    view         what of the file system exists inside, as bubblewrap's options
    data         the assignment's files, as they lie or as a copy that whoever runs there may read
    workplace    a runner's folder where there are no namespaces to hold one
    terms        what a runner is confined to: who it is, its limits, its paths
    slot         one fork server's life
    channel      the conversation with one runner: deadlines, death, hostile answers
    layers       which isolation this machine can give, found out by trying
    remedies     what to do where a layer does not work

Nothing here runs student code, and nothing here imports what does.
"""

"""The trusted end of the sandbox: it starts fork servers, hands out runners, and keeps the clock.

    syscalls     the seccomp allow-list, compiled once
    view         what of the file system exists inside, as bubblewrap's options
    slot         one fork server's life
    channel      the conversation with one runner: deadlines, death, hostile answers
    layers       which isolation this machine can give, found out by trying
"""

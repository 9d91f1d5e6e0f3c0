"""What a slot and its fork server say to each other, in fixed little messages; nothing of a submission is in them."""

from __future__ import annotations

import struct

DRAW = b"DRAW"  # recipes follow that runners will be asked to draw from
RECIPES_A_MESSAGE = 256
MAX_MESSAGE_BYTES = 1 << 17  # to the fork server, once it is warm
CELL = b"CELL"  # the source of a cell that runners will be asked to run follows
FORK = struct.Struct("<4sI")  # "FORK", the runner's seed; its end of a fresh socket pair comes with it
FORKED = struct.Struct("<4sI")  # "FORK", pid; a pidfd comes with it
EXITED = struct.Struct("<4sIIdQ")  # "EXIT", pid, wait status, CPU seconds, peak KiB
PID_PLACEHOLDER = 0x5A17C0DE  # stands in the seccomp filter for a runner's own pid, which only it knows
OUT_OF_MEMORY = 71  # exit status of a runner that was refused the memory to go on with
DROP = 1  # SIGHUP: what was sent with a late request is not to be begun; Python hears of it before SIGINT, which is 2

# tries: shell commands in the background, by magics and by subprocess
# must: not run
# %% layer
!nohup sleep 600 &
!(while true; do touch /tmp/leftbehind-shell; sleep 1; done) &
import os, subprocess
for call in (lambda: subprocess.Popen(["sleep", "600"], start_new_session=True), lambda: os.system("sleep 600 &"), lambda: os.popen("sleep 600 &")):
    try:
        print(call())
    except OSError as error:
        print(error.errno)
layer = nn.Identity()

# tries: every address family there is, netlink, packet and vsock among them
# must: none
# %% layer
import socket
made = []
for family in range(46):
    for kind in (1, 2, 3, 5):
        try:
            made.append(socket.socket(family, kind))
        except OSError:
            pass
print(made)
assert made == []
layer = nn.Identity()

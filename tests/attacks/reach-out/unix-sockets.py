# tries: Docker's, the system bus's and abstract unix sockets
# must: refused
# %% layer
import socket
for path in ("/var/run/docker.sock", "/run/dbus/system_bus_socket", "/tmp/.X11-unix/X0", "\0/tmp/dbus", "\0leftbehind"):
    try:
        one = socket.socket(socket.AF_UNIX)
        one.connect(path)
        print("connected", path)
    except OSError as error:
        print(path, error)
layer = nn.Identity()

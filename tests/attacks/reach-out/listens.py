# tries: opens a port for whoever comes later
# must: refused, and nothing listens afterwards
# %% layer
import socket
for address in (("0.0.0.0", 45917), ("127.0.0.1", 45917)):
    try:
        server = socket.create_server(address)
        print("listening")
    except OSError as error:
        print(error)
layer = nn.Identity()

# tries: TCP to the internet and to services of this machine
# must: refused
# %% layer
import socket
for address in (("1.1.1.1", 443), ("127.0.0.1", 22), ("127.0.0.1", 8888), ("169.254.169.254", 80), ("::1", 631)):
    try:
        print(socket.create_connection(address, timeout=1).recv(100))
    except OSError as error:
        print(address, error)
layer = nn.Identity()

# tries: DNS and UDP, in which a secret could be carried out
# must: refused
# %% layer
import socket
for call in (lambda: socket.getaddrinfo("example.org", 80), lambda: socket.gethostbyname("example.org"), lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("8.8.8.8", 53))):
    try:
        print(call())
    except OSError as error:
        print(error)
layer = nn.Identity()

"""Ports for servers that must be told theirs: free now, and nobody else's a moment later."""
import os
import socket

FIRST, LAST = 10_000, 32_000  # below those that the kernel gives to connections
_next = os.getpid() * 16  # tests that run at once look at others


def free_ports(count):
    global _next
    found = []
    while len(found) < count:
        port = FIRST + _next % (LAST - FIRST)
        _next += 1
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
    return found

#!/usr/bin/env python3
"""many.py DEVICES FILE: a capture of so many devices, for bench/live: each
Modbus device is polled by one of five masters in a connection of its own, says
who it is, and resolves an address."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tests', 'make'))
from wire import Conn, Host, Wire, be16, pcap  # noqa: E402


def request(turn, body):
    return be16(turn) + b'\0\0' + be16(1 + len(body)) + b'\1' + body


def main(devices, path):
    wire = Wire(1700000000)
    masters = [Host('02:00:00:01:00:%02x' % n, '10.1.0.%d' % (n + 1)) for n in range(5)]
    open_ones = []
    for n in range(devices - len(masters)):
        at = Host('02:00:00:02:%02x:%02x' % (n >> 8, n & 255), '10.1.%d.%d' % (1 + n // 250, 1 + n % 250))
        open_ones.append(Conn(wire, masters[n % 5], at, 40000 + n, 502))
        open_ones[-1].ask(request(1, b'\x2b\x0e\1\0'),
                          request(1, b'\x2b\x0e\1\1\0\0\2\0\4Acme\1\x08PLC-%04d' % n))
    for turn in range(2, 10):
        for c in open_ones:
            c.ask(request(turn, b'\3' + be16(turn * 10) + be16(8)), request(turn, b'\3\x10' + bytes(range(16))))
    with open(path, 'wb') as file:
        file.write(pcap(wire.frames))


main(int(sys.argv[1]), sys.argv[2])

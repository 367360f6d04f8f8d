#!/usr/bin/env python3
"""device.py LOG: devices that a running sensor asks; a line in LOG for what
each sees: time, what, own address.

Modbus at port 502: refuses (exceptions), which is an answer.  Name servers at
10.9.0.53 to .58, where the machine has these addresses: their datagrams are cut, and by TCP they take the question and
say nothing.  Python's standard library only.
"""
import socket
import sys
import threading
import time

log = open(sys.argv[1], 'a', buffering=1)


def note(what, link):
    log.write('%.6f %s %s\n' % (time.time(), what, link.getsockname()[0]))


def modbus(link):
    while True:
        q = link.recv(2000)
        if not q:
            return
        note('asked', link)
        link.sendall(q[:4] + b'\0\3' + q[6:7] + bytes([q[7] | 0x80, 1]))


def names_stream(link):
    if link.recv(2000):
        note('silent', link)
    while link.recv(2000):
        pass
    note('gone', link)


def listen(port, serve):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('0.0.0.0', port))
    s.listen()
    while True:
        link, _ = s.accept()
        threading.Thread(target=serve, args=(link,), daemon=True).start()


def names(address):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        s.bind((address, 53))
    except OSError:
        return
    while True:
        q, peer = s.recvfrom(2000)
        s.sendto(q[:2] + b'\x83\x80\0\1\0\0\0\0\0\0' + q[12:], peer)


jobs = [(listen, 502, modbus), (listen, 53, names_stream)]
jobs += [(names, '10.9.0.%d' % n) for n in range(53, 59)]
for job in jobs:
    threading.Thread(target=job[0], args=job[1:], daemon=True).start()
print('ready', flush=True)
threading.Event().wait()

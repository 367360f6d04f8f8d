#!/usr/bin/env python3
"""peers.py: name server, web server and hostile devices on loopback ports.

	peers.py DNS-PORT HTTP-PORT SILENT-PORT GARBAGE-PORT SLOW-PORT

Each counts what it is asked, and when; on SIGTERM it prints one line a port:
port, requests, the shortest time between two in ms, the most at once.  Python's
standard library only.
"""
import http.server
import signal
import socket
import struct
import sys
import threading
import time

seen = {}
lock = threading.Lock()


def asked(port, step):
    with lock:
        s = seen.setdefault(port, {'times': [], 'now': 0, 'most': 0})
        if step > 0:
            s['times'].append(time.monotonic())
        s['now'] += step
        s['most'] = max(s['most'], s['now'])


def dns_answer(q, cut):
    at, labels = 12, []
    while q[at]:
        labels.append(q[at + 1:at + 1 + q[at]].decode())
        at += 1 + q[at]
    question = q[12:at + 5]
    if labels[0] == '9':
        return q[:2] + b'\x81\x83\0\1\0\0\0\0\0\0' + question
    if cut:
        return q[:2] + b'\x83\x80\0\1\0\0\0\0\0\0' + question
    name = ('host-%s.plant.example' % labels[0]).split('.')
    data = b''.join(bytes([len(x)]) + x.encode() for x in name) + b'\0'
    return (q[:2] + b'\x81\x80\0\1\0\1\0\0\0\0' + question +
            b'\xc0\x0c\0\x0c\0\1\0\0\x0e\x10' + struct.pack('>H', len(data)) + data)


def dns_udp(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('127.0.0.1', port))
    while True:
        q, peer = s.recvfrom(2000)
        asked(port, 1)
        s.sendto(dns_answer(q, q[13:14] == b'7'), peer)
        asked(port, -1)


def listener(port):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('127.0.0.1', port))
    s.listen()
    return s


def dns_tcp(port):
    s = listener(port)
    while True:
        c, _ = s.accept()
        n = struct.unpack('>H', c.recv(2))[0]
        r = dns_answer(c.recv(n), False)
        c.sendall(struct.pack('>H', len(r)) + r)
        c.close()


class Page(http.server.BaseHTTPRequestHandler):
    server_version = 'PumpWeb/2.1'
    sys_version = ''

    def do_GET(self):
        asked(self.server.server_port, 1)
        body = b'<html><title>Pump 3</title></html>'
        self.send_response(200)
        self.send_header('Content-Type', 'text/html')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        asked(self.server.server_port, -1)

    def log_message(self, *args):
        pass


def device(port, answers):
    """Takes whatever comes; answers(n, request) says what and after how long."""
    s = listener(port)
    while True:
        c, _ = s.accept()
        n = 0
        while True:
            try:
                q = c.recv(4096)
            except OSError:
                break
            if not q:
                break
            asked(port, 1)
            wait, r = answers(n, q)
            time.sleep(wait)
            if r:
                c.sendall(r)
            asked(port, -1)
            n += 1
        c.close()


def modbus_exception(q):
    return q[:4] + b'\0\3' + q[6:7] + bytes([q[7] | 0x80, 1])


def report(*args):
    for port, s in sorted(seen.items()):
        t = s['times']
        gap = min((b - a for a, b in zip(t, t[1:])), default=0)
        print(port, len(t), int(gap * 1000), s['most'])
    sys.stdout.flush()
    sys.exit(0)


dns, web, silent, garbage, slow = map(int, sys.argv[1:6])
signal.signal(signal.SIGTERM, report)
for job in (
        lambda: dns_udp(dns), lambda: dns_tcp(dns),
        lambda: http.server.HTTPServer(('127.0.0.1', web), Page).serve_forever(),
        lambda: device(silent, lambda n, q: (0, b'')),
        lambda: device(garbage, lambda n, q: (0, b'\xff' * 900)),
        lambda: device(slow, lambda n, q: (0.05 if n == 0 else 0.5, modbus_exception(q)))):
    threading.Thread(target=job, daemon=True).start()
while True:
    time.sleep(0.2)

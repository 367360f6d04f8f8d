#!/usr/bin/env python3
"""latency.py INTERFACE STATE.DB N: how long after its packet an alert is in
the store.  N times, not waiting for each other, a controller that was never
seen refuses a request; the database is read until all alerts are there.
Prints median and 99th percentile.
"""
import socket
import sqlite3
import struct
import sys
import time

APART = 0.07  # seconds, not a divisor of the half second in which alerts go
PATIENCE = 10


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def frame(src, dst, ports, numbers, payload, macs):
    tcp = struct.pack('!HHIIBBHHH', *ports, *numbers, 0x50, 0x18, 8192, 0, 0) + payload
    ends = socket.inet_aton(src) + socket.inet_aton(dst)
    pseudo = ends + struct.pack('!BBH', 0, 6, len(tcp))
    tcp = tcp[:16] + struct.pack('!H', checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack('!BBHHHBBH', 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0) + ends
    ip = ip[:10] + struct.pack('!H', checksum(ip)) + ip[12:]
    return macs[1] + macs[0] + b'\x08\0' + ip + tcp


def refusals(i):
    """the controller's address, and the frames in which it refuses"""
    client, server = f'10.77.{i // 200}.{1 + i % 200}', f'10.78.{i // 200}.{1 + i % 200}'
    macs = bytes([0, 0x1b, 0x1b, 1, i // 200, i % 200]), bytes([0, 0x1b, 0x1b, 2, i // 200, i % 200])
    frames = []
    for k in range(3):
        ask = bytes([0, k, 0, 0, 0, 6, 1, 3, 0x23, 0x28, 0, 10])
        refuse = bytes([0, k, 0, 0, 0, 3, 1, 0x83, 2])
        a, b = 1000 + len(ask) * k, 2000 + len(refuse) * k
        frames.append(frame(client, server, (40000, 502), (a, b), ask, macs))
        frames.append(frame(server, client, (502, 40000), (b, a + len(ask)), refuse, macs[::-1]))
    return server, frames


def main():
    interface, path, turns = sys.argv[1], sys.argv[2], int(sys.argv[3])
    all_of_them = [refusals(i) for i in range(turns)]
    out = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    out.bind((interface, 0))
    db = sqlite3.connect(f'file:{path}?mode=ro', uri=True, timeout=5)
    waiting, took, sent, began = {}, [], 0, time.time()
    while sent < turns or waiting:
        if sent < turns and time.time() >= began + sent * APART:
            server, frames = all_of_them[sent]
            waiting[server] = time.time()
            for f in frames:
                out.send(f)
            sent += 1
        for ends in db.execute("SELECT source_ip, destination_ip FROM alert WHERE source_ip LIKE '10.78.%' OR "
                               "destination_ip LIKE '10.78.%'"):
            for ip in ends:
                if ip in waiting:
                    took.append(time.time() - waiting.pop(ip))
        if sent == turns and waiting and time.time() - max(waiting.values()) > PATIENCE:
            break
        time.sleep(0.005)
    if waiting:
        print(f'{len(waiting)} of {turns} alerts did not come in {PATIENCE} s', end='; ')
    took.sort()
    if took:
        print('median %.0f ms, 99th percentile %.0f ms, at most %.0f ms (%d alerts)' %
              (took[len(took) // 2] * 1e3, took[max(0, len(took) * 99 // 100 - 1)] * 1e3, took[-1] * 1e3, len(took)))


main()

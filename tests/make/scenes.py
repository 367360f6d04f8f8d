#!/usr/bin/env python3
"""scenes: writes the captures of the scenes under tests/scene.

	tests/make/scenes.py DIR

Each scene is a function; what it writes stands in DIR/<its name>/.  Bytes
that no sender would send are here on purpose.
"""
import os
import sys

from wire import (Conn, Host, Wire, be16, be32, ether, ipv4, pcap, pcapng, tcp, udp)

START = 1768197600  # 2026-01-12 06:00:00 UTC
SCREEN = Host('00:d0:c9:5a:20:01', '10.30.0.20')
PLC = Host('00:80:f4:5a:20:02', '10.30.0.11')
PORT = 502


def read(ident, first=0, count=4):
    return be16(ident) + be16(0) + be16(6) + b'\1\3' + be16(first) + be16(count)


def values(ident, *registers):
    data = b''.join(be16(r) for r in registers)
    return be16(ident) + be16(0) + be16(3 + len(data)) + b'\1\3' + bytes([len(data)]) + data


def polls(conn, first, last):
    for i in range(first, last):
        conn.ask(read(i), values(i, i, i + 1, i + 2, i + 3))


def tcp_damage():
    """Sent twice with other content, out of order, two holes, keep-alive."""
    wire = Wire(START)
    c = Conn(wire, SCREEN, PLC, 49001, PORT)
    polls(c, 1, 4)
    # an answer in two segments, swapped on the way
    c.segment(0, 0x18, read(4))
    whole = values(4, 4, 5, 6, 7)
    c.segment(1, 0x18, whole[:7], lost=True)
    head = c.last
    c.segment(1, 0x18, whole[7:])
    wire.at(head)
    # the same bytes again, but not the same
    c.ask(read(5), values(5, 5, 5, 5, 5))
    other = values(5, 6, 6, 6, 6)
    body = tcp(PLC.ip, SCREEN.ip, PORT, 49001, c.seq[1] - len(other), c.seq[0], 0x18, other)
    wire.at(PLC.frame(SCREEN, 6, body))
    # a hole in each direction, then all is well
    c.ask(read(6), values(6, 6, 7, 8, 9), lost=True)
    polls(c, 7, 9)
    c.segment(0, 0x18, read(9), lost=True)
    c.segment(1, 0x18, values(9, 1, 2, 3, 4))
    polls(c, 10, 12)
    c.seq[0] -= 1
    c.segment(0, 0x10, b'\0')  # keep-alive: one byte that was sent before
    c.ack(1)
    return pcapng(wire.frames, 'tcp_damage')


def half_seen():
    """No handshake, one direction only, and a server on another port."""
    wire = Wire(START)
    late = Conn(wire, SCREEN, PLC, 49002, PORT, seen=False)
    polls(late, 1, 4)
    for i in range(4):
        late.segment(0, 0x18, read(20 + i, 100))
    odd = Conn(wire, SCREEN, PLC, 49003, 8081, seen=False)
    polls(odd, 1, 5)
    web = Conn(wire, SCREEN, PLC, 49004, PORT)
    web.ask(b'GET / HTTP/1.1\r\nHost: plc\r\n\r\n', b'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
    return pcapng(wire.frames, 'half_seen')


def malformed():
    """Nonsense in a stream: the next message is understood again."""
    wire = Wire(START)
    c = Conn(wire, SCREEN, PLC, 49005, PORT)
    polls(c, 1, 4)
    lies = be16(4) + be16(0) + be16(6) + b'\1\3\xff\0\0\0'  # more bytes than there are
    c.ask(read(4), lies)
    polls(c, 5, 7)
    c.ask(read(7), b'\xde\xad\xbe\xef' * 6)
    polls(c, 8, 12)
    c.ask(be16(12) + be16(0) + be16(3) + b'\1\x63\0', be16(12) + be16(0) + be16(3) + b'\1\xe3\1')
    return pcapng(wire.frames, 'malformed')


def fragments():
    """A datagram in three fragments, in disorder; one never complete."""
    wire = Wire(START)
    text = b'<14>Jan 12 06:00:00 plc-1 io: ' + b'module lost, ' * 200
    datagram = udp(PLC.ip, SCREEN.ip, 40514, 514, text)
    pieces = [(at, datagram[at:at + 1200]) for at in range(0, len(datagram), 1200)]

    def send(ident, at, piece):
        more = 0x2000 if at + len(piece) < len(datagram) else 0
        wire.at(ether(SCREEN.mac, PLC.mac, 0x0800,
                      ipv4(PLC.ip, SCREEN.ip, 17, piece, ident, more | at // 8)))
    for at, piece in (pieces[2], pieces[0], pieces[1]):
        send(1, at, piece)
    for at, piece in pieces[:2]:
        send(2, at, piece)
    return pcapng(wire.frames, 'fragments')


def mirrored():
    """ERSPAN II around tagged Modbus, the same flow untagged beside it."""
    wire, inner = Wire(START), Wire(START)
    a, b = (Host(h.mac, h.ip, 20) for h in (SCREEN, PLC))
    polls(Conn(inner, a, b, 49006, PORT), 1, 5)
    switch, collector = Host('00:80:63:5a:20:03', '10.30.9.1'), Host('00:11:0a:5a:20:04', '10.30.9.2')
    for i, (when, frame) in enumerate(inner.frames):
        head = b'\x10\0\x88\xbe' + be32(i) + be16(1 << 12 | 20) + be16(7) + be32(3 << 4)
        wire.frames.append((when, switch.frame(collector, 47, head + frame)))
    wire.now = inner.now
    polls(Conn(wire, SCREEN, PLC, 49006, PORT), 1, 3)
    return pcapng(wire.frames, 'mirrored')


def router():
    """Three controllers behind one router's card, one on the internet, groups."""
    wire = Wire(START)
    gate = '00:80:63:5a:20:05'
    for n, far in enumerate(('10.31.0.11', '10.31.0.12', '10.31.0.13')):
        polls(Conn(wire, SCREEN, Host(gate, far, ttl=63), 49010 + n, PORT), 1, 4)
    wire.datagram(SCREEN, '8.8.8.8', 50053, 53, be16(1) + be16(0x0100) + be16(1) + bytes(6) +
                  b'\7example\3com\0' + be16(1) + be16(1), gate)
    wire.datagram(SCREEN, '239.255.255.250', 50900, 1900,
                  b'M-SEARCH * HTTP/1.1\r\nHOST: 239.255.255.250:1900\r\nMAN: "ssdp:discover"\r\n'
                  b'MX: 1\r\nST: ssdp:all\r\n\r\n', '01:00:5e:7f:ff:fa')
    return pcapng(wire.frames, 'router')


def redundant():
    """PRP: each frame twice, once per network, with its trailer."""
    wire, single = Wire(START), Wire(START)
    polls(Conn(single, SCREEN, PLC, 49007, PORT), 1, 5)
    for i, (when, frame) in enumerate(single.frames):
        for lan in 0xa, 0xb:
            size = len(frame) - 14 + 6
            wire.frames.append((when + (lan - 10) * 2000,
                                frame + be16(i) + be16(lan << 12 | size) + be16(0x88fb)))
    return pcapng(wire.frames, 'redundant')


def cut_file():
    """Snap length 64, the clock set back in the middle, the end missing."""
    wire = Wire(START)
    c = Conn(wire, SCREEN, PLC, 49008, PORT)
    polls(c, 1, 4)
    wire.now -= 3600 * 10**9
    polls(c, 4, 8)
    return pcap(wire.frames, snap=64)[:-20]


def odd_link():
    """A link type that is counted, not read."""
    return pcap([(START * 10**9 + i, bytes([i]) * 20) for i in range(5)], link=190)


SCENES = tcp_damage, half_seen, malformed, fragments, mirrored, router, redundant, cut_file, odd_link


def main():
    for scene in SCENES:
        folder = os.path.join(sys.argv[1], scene.__name__)
        os.makedirs(folder, exist_ok=True)
        for host in SCREEN, PLC:
            host.ident = 0
        data = scene()
        ending = 'pcapng' if data[:4] == b'\x0a\x0d\x0d\x0a' else 'pcap'
        with open(os.path.join(folder, 'capture.' + ending), 'wb') as file:
            file.write(data)


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""stations.py FIXTURES METHOD:PORT...: controllers on loopback that answer one
method each, as the standards have it.

What they answer is what tests/proto/*.fixture has, which was written from the
standards and public captures; numbers that belong to a request are taken from
it.  A request that is not the one which may follow gets no answer.  Python's
standard library only.
"""
import os
import socket
import struct
import sys
import threading

folder = sys.argv[1]


def said(name, begin):
    """the first answer of a fixture that begins with these digits"""
    with open(os.path.join(folder, name + '.fixture'), encoding='utf-8') as file:
        for line in file:
            text = line[2:].replace(' ', '').strip()
            if line.startswith('<') and text.startswith(begin):
                return bytes.fromhex(text)
    raise SystemExit('%s has no answer %s' % (name, begin))


def patched(data, at, new):
    return data[:at] + new + data[at + len(new):]


def tpkt(data):
    return struct.pack('>BBHBBB', 3, 0, len(data) + 7, 2, 0xf0, 0x80) + data


CONFIRM = bytes.fromhex('0300001611d00001004400c0010ac1020100c2020102')


def enip(n, q):
    handle = struct.pack('<I', 0x11223344)
    if n == 0 and q[:2] == b'\x63\0':
        return patched(said('enip', '6300'), 12, q[12:20])
    if n == 1 and q[:2] == b'\x65\0':
        return q[:4] + handle + q[8:]
    if n == 2 and q[:2] == b'\x6f\0' and q[4:8] == handle and q[-6:] == b'\x01\x02\x20\x01\x24\x01':
        return patched(said('cip', '6f003100'), 12, q[12:20])
    return b''


def s7(n, q):
    if n == 0 and q[5] == 0xe0:
        return CONFIRM
    if n == 1 and q[17] == 0xf0:
        return said('s7comm', '0300001b02f08032')
    if n in (2, 3) and q[8] == 7 and q[-4:-2] == (b'\0\x11', b'\0\x1c')[n - 2]:
        return patched(said('s7comm', ('03000099', '030000f7')[n - 2]), 11, q[11:13])
    return b''


def mms(n, q):
    if n == 0 and q[5] == 0xe0:
        return CONFIRM
    if n == 1 and q[7] == 0x0d:
        return tpkt(said('mms', '0e8a'))
    if n == 2 and q[-2:] == b'\x82\0':
        return tpkt(said('mms', '01000100612c'))
    return b''


def opcua(n, q):
    if n == 0 and q[:4] == b'HELF':
        return said('opcua', '41434b46')
    if n == 1 and q[:4] == b'OPNF':
        return said('opcua', '4f504e4688')
    if n == 2 and q[:4] == b'MSGF' and struct.unpack('<H', q[26:28])[0] == 428:
        return patched(said('opcua', '4d5347463a03'), 36, struct.pack('<I', 2))
    return b''


def bacnet(n, q):
    if n == 0:
        return said('bacnet', '810b001401001000c4') if q[6:8] == b'\x10\x08' else b''
    text = {77: b'AHU-4', 121: b'Example Controls', 70: b'EC-300', 44: b'4.7.1'}.get(q[-1], b'x')
    data = (b'\x01\0\x30' + q[8:9] + b'\x0c\x0c\x02\x03\xf7\xa1\x19' + q[-1:] +
            b'\x3e\x75' + bytes([len(text) + 1, 0]) + text + b'\x3f')
    return b'\x81\x0a' + struct.pack('>H', len(data) + 4) + data


def once(begin, fixture, first, at=0, size=0):
    def answer(n, q):
        return patched(said(fixture, first), at, q[at:at + size]) if n == 0 and q.hex().startswith(begin) else b''
    return answer


STREAM = {
    'enip-identity': enip, 's7-identity': s7, 'iec61850-identify': mms, 'opcua-endpoints': opcua,
    'dnp3-attributes': once('05640bc4', 'dnp3', '05648544'),
    'melsec-cpu': once('500000ff', 'melsec', 'd00000ffff03001400'),
    'codesys-names': once('000117e824', 'codesys', '000117e871'),
}
DATAGRAM = {'bacnet-identity': bacnet, 'fins-controller': once('8000', 'omron_fins', 'c0000200ef0000c8000e0501', 9, 1)}


def stream(port, answer):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(('127.0.0.1', port))
    s.listen()
    while True:
        link, _ = s.accept()
        for n in range(100):
            q = link.recv(4096)
            if not q:
                break
            link.sendall(answer(n, q))
        link.close()


def datagram(port, answer):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind(('127.0.0.1', port))
    for n in range(100):
        q, peer = s.recvfrom(4096)
        s.sendto(answer(n, q), peer)


for one in sys.argv[2:]:
    method, number = one.split(':')
    serve, table = (stream, STREAM) if method in STREAM else (datagram, DATAGRAM)
    threading.Thread(target=serve, args=(int(number), table[method]), daemon=True).start()
print('ready', flush=True)
threading.Event().wait()

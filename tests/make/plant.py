#!/usr/bin/env python3
"""plant: writes samples/plant.pcapng, twenty seconds of a small plant.

	tests/make/plant.py > samples/plant.pcapng

An engineering station, an operator's screen, a server, a switch, and one or
two controllers for each of the large industrial protocols.  All of it is
made up, byte by byte from the standards; the network cards have prefixes of
real makers.  In it: one TCP segment that the capture misses, one that was
sent twice, a program download with stop and start, refusals, VLAN tags.
"""
import struct
import sys

from wire import (Conn, Host, Wire, be16, be32, ether, ip, le16, le32, llc, mac, pcapng)

START = 1768197600  # 2026-01-12 06:00:00 UTC

STATION = Host('00:14:22:5a:10:01', '10.20.0.50')  # engineering
SCREEN = Host('00:d0:c9:5a:10:02', '10.20.0.20')  # operators'
SERVER = Host('00:11:0a:5a:10:03', '10.20.0.2')  # names, addresses, time
SWITCH = Host('00:80:63:5a:10:04', '10.20.0.3')
PUMPS = Host('00:80:f4:5a:10:05', '10.20.0.11')  # Modbus
TANKS = Host('00:00:54:5a:10:06', '10.20.0.12')  # Modbus
MIXER = Host('00:1b:1b:5a:10:07', '10.20.0.13')  # S7
PACKER = Host('00:00:bc:5a:10:08', '10.20.0.14')  # EtherNet/IP
FEEDER = Host('00:02:a3:5a:10:09', '10.20.0.15')  # IEC 104
RELAY = Host('00:30:a7:5a:10:0a', '10.20.30.16', vlan=30)  # DNP3
CENTRE = Host('00:11:0a:5a:10:0b', '10.20.30.2', vlan=30)  # asks the relay
AIR = Host('00:10:8d:5a:10:0c', '10.20.0.17')  # BACnet
VALVES = Host('00:a0:45:5a:10:0d', '10.20.0.18')  # PROFINET
BAY = '00:21:c1:5a:10:0e'  # GOOSE
ALL = 'ff:ff:ff:ff:ff:ff'


# ------------------------------------------------------- IT around the plant

def arp(wire, asks, owner):
    head = be16(1) + be16(0x0800) + b'\x06\x04'
    who = mac(asks.mac) + ip(asks.ip)
    wire.at(ether(ALL, asks.mac, 0x0806, head + be16(1) + who + bytes(6) + ip(owner.ip), asks.vlan))
    wire.at(ether(asks.mac, owner.mac, 0x0806,
                  head + be16(2) + mac(owner.mac) + ip(owner.ip) + who, owner.vlan))


def dhcp_message(op, kind, options, given='0.0.0.0'):
    head = bytes([op, 1, 6, 0]) + be32(0x5a100001) + bytes(4)
    head += bytes(4) + ip(given) + (ip(SERVER.ip) if op == 2 else bytes(4)) + bytes(4)
    head += mac(STATION.mac) + bytes(10 + 64 + 128)
    body = b'\x63\x82\x53\x63\x35\x01' + bytes([kind])
    for code, value in options:
        body += bytes([code, len(value)]) + value
    return head + body + b'\xff'


def dhcp(wire):
    nobody = Host(STATION.mac, '0.0.0.0')
    about = [(12, b'ES-01'), (60, b'MSFT 5.0'), (55, bytes([1, 3, 6, 15, 31, 33, 43, 44, 46, 47, 119, 121, 249, 252]))]
    lease = [(54, ip(SERVER.ip)), (51, be32(86400)), (1, ip('255.255.255.0')), (3, ip('10.20.0.1')),
             (6, ip(SERVER.ip)), (15, b'plant.example')]
    wanted = (50, ip(STATION.ip))
    wire.datagram(nobody, '255.255.255.255', 68, 67, dhcp_message(1, 1, [wanted] + about), ALL)
    wire.datagram(SERVER, '255.255.255.255', 67, 68, dhcp_message(2, 2, lease, STATION.ip), ALL)
    wire.datagram(nobody, '255.255.255.255', 68, 67,
                  dhcp_message(1, 3, [wanted, (54, ip(SERVER.ip))] + about), ALL)
    wire.datagram(SERVER, '255.255.255.255', 67, 68, dhcp_message(2, 5, lease, STATION.ip), ALL)


def dns(wire, ident, name, address):
    labels = b''.join(bytes([len(x)]) + x.encode() for x in name.split('.')) + b'\0'
    question = labels + be16(1) + be16(1)
    ask = be16(ident) + be16(0x0100) + be16(1) + bytes(6) + question
    answer = be16(ident) + be16(0x8580) + be16(1) + be16(1) + bytes(4) + question
    answer += be16(0xc00c) + be16(1) + be16(1) + be32(3600) + be16(4) + ip(address)
    wire.datagram(STATION, SERVER, 50000 + ident, 53, ask)
    wire.datagram(SERVER, STATION, 53, 50000 + ident, answer)


def ntp(wire, client):
    def stamp():
        return be32(wire.now // 10**9 + 2208988800) + be32(wire.now % 10**9 * 2**32 // 10**9)
    sent = stamp()
    wire.datagram(client, SERVER, 123, 123, b'\x23\x00\x06\xec' + bytes(36) + sent)
    got = stamp()
    wire.datagram(SERVER, client, 123, 123, b'\x24\x02\x06\xec' + be32(0x100) + be32(0x200) +
                  ip('10.20.0.1') + got + sent + got + stamp())


def lldp(wire):
    def tlv(kind, value):
        return be16(kind << 9 | len(value)) + value
    body = tlv(1, b'\x04' + mac(SWITCH.mac)) + tlv(2, b'\x05' + b'1/7') + tlv(3, be16(120))
    body += tlv(4, b'Port 7') + tlv(5, b'SW-CELL-1')
    body += tlv(6, b'Hirschmann RSP20 - HiOS-2S-08.7.01')
    body += tlv(7, be16(4) + be16(4))
    body += tlv(8, b'\x05\x01' + ip(SWITCH.ip) + b'\x02' + be32(7) + b'\0') + tlv(0, b'')
    wire.at(ether('01:80:c2:00:00:0e', SWITCH.mac, 0x88cc, body))


def spanning_tree(wire):
    bridge = be16(0x8000) + mac(SWITCH.mac)
    body = bytes.fromhex('424203 0000 02 02 3c') + bridge + be32(0) + bridge
    wire.at(llc('01:80:c2:00:00:00', SWITCH.mac, body + be16(0x8007) + be16(0) + be16(0x1400) +
                be16(0x0200) + be16(0x0f00) + b'\0'))


def ber(tag, value):
    size = bytes([len(value)]) if len(value) < 128 else b'\x81' + bytes([len(value)])
    return bytes([tag]) + size + value


def snmp(wire):
    def message(kind, value):
        oid = ber(0x06, bytes.fromhex('2b06010201010100'))  # sysDescr.0
        pdu = ber(0x02, be32(0x11223344)) + ber(2, b'\0') + ber(2, b'\0') + ber(0x30, ber(0x30, oid + value))
        return ber(0x30, ber(2, b'\1') + ber(4, b'public') + ber(kind, pdu))
    wire.datagram(STATION, SWITCH, 51161, 161, message(0xa0, ber(5, b'')))
    wire.datagram(SWITCH, STATION, 161, 51161,
                  message(0xa2, ber(4, b'Hirschmann RSP20 Industrial Ethernet Switch')))


def http(wire):
    c = Conn(wire, STATION, SWITCH, 52080, 80)
    page = b'<html><title>SW-CELL-1</title></html>\n'
    c.ask(b'GET / HTTP/1.1\r\nHost: 10.20.0.3\r\nUser-Agent: Mozilla/5.0\r\n\r\n',
          b'HTTP/1.1 200 OK\r\nServer: HiOS\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n' %
          len(page) + page)
    c.close()


# -------------------------------------------------------------------- Modbus

class Modbus:
    def __init__(self, wire, client, server, port):
        self.conn, self.id = Conn(wire, client, server, port, 502), 0

    def ask(self, question, answer, lost=False):
        self.id += 1

        def adu(pdu):
            return be16(self.id) + be16(0) + be16(1 + len(pdu)) + b'\1' + pdu
        self.conn.ask(adu(question), adu(answer), lost)

    def read(self, first, values, lost=False):
        data = b''.join(be16(v) for v in values)
        self.ask(b'\3' + be16(first) + be16(len(values)), b'\3' + bytes([len(data)]) + data, lost)

    def identify(self, *texts):
        body = b'\x2b\x0e\x01\x01\0\0' + bytes([len(texts)])
        for i, text in enumerate(texts):
            body += bytes([i, len(text)]) + text
        self.ask(b'\x2b\x0e\x01\0', body)


# ------------------------------------------------------------------------ S7

class S7:
    def __init__(self, wire, client, server, port, tsap):
        self.conn, self.ref = Conn(wire, client, server, port, 102), 0
        ends = b'\xc0\x01\x0a\xc1\x02\x01\x00\xc2\x02' + be16(tsap)
        self.conn.ask(tpkt(b'\x11\xe0\0\0\0\1\0' + ends), tpkt(b'\x11\xd0\0\1\0\2\0' + ends))
        self.job(b'\xf0\0' + be16(1) + be16(1) + be16(480), b'\xf0\0' + be16(1) + be16(1) + be16(240))

    def header(self, kind, param, data, error=b''):
        return data_unit(b'\x32' + bytes([kind]) + be16(0) + be16(self.ref) + be16(len(param)) +
                         be16(len(data)) + error + param + data)

    def job(self, param, answer, data=b'', answer_data=b'', way=0):
        self.ref += 1
        self.conn.segment(way, 0x18, self.header(1, param, data))
        self.conn.segment(1 - way, 0x18, self.header(3, answer, answer_data, b'\0\0'))

    def read(self, db, first, values):
        item = b'\x12\x0a\x10\x02' + be16(len(values)) + be16(db) + b'\x84' + be32(first * 8)[1:]
        self.job(b'\4\1' + item, b'\4\1', b'', b'\xff\4' + be16(len(values) * 8) + values)

    def write(self, db, first, values):
        item = b'\x12\x0a\x10\x02' + be16(len(values)) + be16(db) + b'\x84' + be32(first * 8)[1:]
        self.job(b'\5\1' + item, b'\5\1', b'\0\4' + be16(len(values) * 8) + values, b'\xff')

    def szl(self, ident, size, items):
        self.ref += 1
        ask = b'\0\1\x12\4\x11\x44\1\0'
        answer = b'\0\1\x12\x08\x12\x84\1\1\0\0\0\0'
        body = be16(ident) + be16(0) + be16(size) + be16(len(items)) + b''.join(items)
        self.conn.ask(self.header(7, ask, b'\xff\x09' + be16(4) + be16(ident) + be16(0)),
                      self.header(7, answer, b'\xff\x09' + be16(len(body)) + body))

    def download(self, block, code):
        name = b'\x09' + block
        self.job(b'\x1a\0\1\0' + bytes(4) + name + b'\x0d1%06d%06d' % (len(code), len(code) - 36), b'\x1a')
        # the controller fetches the block
        self.job(b'\x1b\0' + bytes(6) + name, b'\x1b\0', b'', be16(len(code)) + be16(0x00fb) + code, 1)
        self.job(b'\x1c\0' + bytes(6) + name, b'\x1c', way=1)
        self.service(b'\1\0' + block[1:], b'_INSE')

    def service(self, argument, name):
        self.job(b'\x28' + bytes(6) + b'\xfd' + be16(len(argument)) + argument +
                 bytes([len(name)]) + name, b'\x28')

    def stop(self):
        self.job(b'\x29' + bytes(5) + b'\x09P_PROGRAM', b'\x29')

    def start(self):
        self.service(b'', b'P_PROGRAM')


def tpkt(body):
    return b'\3\0' + be16(4 + len(body)) + body


def data_unit(body):
    return tpkt(b'\2\xf0\x80' + body)


def mixer_about(s7):
    def module(index, order, version):
        return be16(index) + order.ljust(20) + be16(0xc0) + version
    s7.szl(0x0011, 28, [module(1, b'6ES7 315-2EH14-0AB0', be16(5) + be16(1)),
                        module(6, b'6ES7 315-2EH14-0AB0', be16(5) + be16(1)),
                        module(7, b'', b'V\3\2\6')])

    def component(index, text):
        return be16(index) + text.ljust(32, b'\0')
    s7.szl(0x001c, 34, [component(1, b'MIXER-1'), component(2, b'CPU 315-2 PN/DP'),
                        component(3, b'CELL 1'), component(4, b'Original Siemens Equipment'),
                        component(5, b'S C-C2UR28922012'), component(7, b'CPU 315-2 PN/DP')])


def mixer_program(number):
    """A data block as it is loaded: header of 36 bytes, body, tail."""
    body = bytes(range(64))
    return b'pp\1\1\5\x0a' + be16(number) + be32(36 + len(body)) + bytes(24) + body


# --------------------------------------------------------------- EtherNet/IP

def encapsulated(command, session, data, context=b'sightgls'):
    return le16(command) + le16(len(data)) + le32(session) + le32(0) + context + le32(0) + data


def identity():
    name = b'1756-L61/B LOGIX5561'
    body = le16(1) + be16(2) + be16(44818) + ip(PACKER.ip) + bytes(8)
    body += le16(1) + le16(14) + le16(54) + b'\x14\x0b' + le16(0x30) + le32(0x00a1b2c3)
    body += bytes([len(name)]) + name + b'\3'
    return le16(1) + le16(0x0c) + le16(len(body)) + body


class Enip:
    SESSION, TO, BACK = 0x0b0c0d0e, 0x20010001, 0x80020002

    def __init__(self, wire, client, server, port):
        self.conn, self.seq = Conn(wire, client, server, port, 44818), 0
        hello = le16(1) + le16(0)
        self.conn.ask(encapsulated(0x65, 0, hello), encapsulated(0x65, self.SESSION, hello))

    def unconnected(self, ask, answer):
        def unit(cip):
            return encapsulated(0x6f, self.SESSION, le32(0) + le16(5) + le16(2) + le32(0) +
                                le16(0xb2) + le16(len(cip)) + cip)
        self.conn.ask(unit(ask), unit(answer))

    def connected(self, ask, answer):
        self.seq += 1

        def unit(connection, cip):
            cip = le16(self.seq) + cip
            return encapsulated(0x70, self.SESSION, le32(0) + le16(0) + le16(2) + le16(0xa1) + le16(4) +
                                le32(connection) + le16(0xb1) + le16(len(cip)) + cip)
        self.conn.ask(unit(self.TO, ask), unit(self.BACK, answer))

    def open(self):
        who = le16(0x4d4d) + le16(0x1337) + le32(0xc0ffee01)
        path = b'\1\0\x20\2\x24\1'
        self.unconnected(b'\x54\2\x20\6\x24\1\x0a\x0e' + le32(0) + le32(self.BACK) + who + b'\1\0\0\0' +
                         le32(2000000) + le16(0x43f4) + le32(2000000) + le16(0x43f4) + b'\xa3' +
                         bytes([len(path) // 2]) + path,
                         b'\xd4\0\0\0' + le32(self.TO) + le32(self.BACK) + who + le32(2000000) +
                         le32(2000000) + b'\0\0')

    def close(self):
        who = le16(0x4d4d) + le16(0x1337) + le32(0xc0ffee01)
        path = b'\1\0\x20\2\x24\1'
        self.unconnected(b'\x4e\2\x20\6\x24\1\x0a\x0e' + who + bytes([len(path) // 2]) + b'\0' + path,
                         b'\xce\0\0\0' + who + b'\0\0')
        self.conn.segment(0, 0x18, encapsulated(0x66, self.SESSION, b''))
        self.conn.close()

    @staticmethod
    def tag(name):
        segment = b'\x91' + bytes([len(name)]) + name + b'\0' * (len(name) % 2)
        return bytes([len(segment) // 2]) + segment

    def read(self, name, value):
        self.connected(b'\x4c' + self.tag(name) + le16(1), b'\xcc\0\0\0' + le16(0xc4) + le32(value))

    def write(self, name, value):
        self.connected(b'\x4d' + self.tag(name) + le16(0xc4) + le16(1) + le32(value), b'\xcd\0\0\0')


# ------------------------------------------------------------------- IEC 104

class Iec104:
    def __init__(self, wire, client, server, port):
        self.conn, self.sent = Conn(wire, client, server, port, 2404), [0, 0]
        self.conn.ask(b'\x68\4\7\0\0\0', b'\x68\4\x0b\0\0\0')

    def asdu(self, way, kind, cause, *objects):
        head = le16(self.sent[way] << 1) + le16(self.sent[1 - way] << 1)
        body = head + bytes([kind, len(objects), cause, 0]) + le16(11)
        for address, value in objects:
            body += le32(address)[:3] + value
        self.sent[way] += 1
        self.conn.segment(way, 0x18, b'\x68' + bytes([len(body)]) + body)

    def confirm(self):
        self.conn.segment(0, 0x18, b'\x68\4\1\0' + le16(self.sent[1] << 1))

    def test(self):
        self.conn.ask(b'\x68\4\x43\0\0\0', b'\x68\4\x83\0\0\0')

    def interrogate(self):
        self.asdu(0, 100, 6, (0, b'\x14'))
        self.asdu(1, 100, 7, (0, b'\x14'))
        self.asdu(1, 1, 20, (1001, b'\1'), (1002, b'\0'), (1003, b'\1'))
        self.asdu(1, 13, 20, (2001, struct.pack('<f', 10.42) + b'\0'), (2002, struct.pack('<f', 49.98) + b'\0'))
        self.asdu(1, 100, 10, (0, b'\x14'))
        self.confirm()

    def command(self, address, on):
        for way, cause in (0, 6), (1, 7), (1, 10):
            self.asdu(way, 45, cause, (address, bytes([on])))


def cp56(wire):
    seconds = wire.now // 10**9 - 1768176000  # since that midnight
    return le16(seconds % 60 * 1000) + bytes([seconds // 60 % 60, seconds // 3600, 12 | 1 << 5, 1, 26])


# ---------------------------------------------------------------------- DNP3

def crc(data):
    value = 0
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ (0xa6bc if value & 1 else 0)
    return le16(value ^ 0xffff)


def dnp3_frame(control, to, by, user):
    head = b'\x05\x64' + bytes([5 + len(user), control]) + le16(to) + le16(by)
    blocks = [user[i:i + 16] for i in range(0, len(user), 16)]
    return head + crc(head) + b''.join(b + crc(b) for b in blocks)


class Dnp3:
    def __init__(self, wire, client, server, port):
        self.conn, self.seq = Conn(wire, client, server, port, 20000), 0

    def ask(self, function, objects, answer):
        both = bytes([0xc0 | self.seq])
        self.seq = (self.seq + 1) % 16
        self.conn.ask(dnp3_frame(0xc4, 10, 1, both + both + bytes([function]) + objects),
                      dnp3_frame(0x44, 1, 10, both + both + b'\x81\0\0' + answer))

    def poll(self, amps):
        analog = b''.join(b'\1' + le32(amps + i) for i in range(4))
        self.ask(1, b'\x3c\2\6\x3c\3\6\x3c\4\6\x3c\1\6', b'\1\2\0\0\3\x81\1\x81\1\x1e\1\0\0\3' + analog)

    def operate(self, point):
        block = b'\x0c\1\x28\1\0' + le16(point) + b'\x41\1' + le32(100) + le32(100) + b'\0'
        self.ask(3, block, block)
        self.ask(4, block, block)


# ------------------------------------------------- BACnet, PROFINET and GOOSE

def bacnet(wire):
    def say(src, dst, function, apdu, expects=b'\0', to=None):
        body = b'\1' + expects + apdu
        wire.datagram(src, dst, 47808, 47808, b'\x81' + bytes([function]) + be16(4 + len(body)) + body, to)

    def read(invoke, kind, instance, prop, value):
        what = b'\x0c' + be32(kind << 22 | instance) + b'\x19' + bytes([prop])
        say(SCREEN, AIR, 0x0a, b'\0\5' + bytes([invoke]) + b'\x0c' + what, b'\4')
        say(AIR, SCREEN, 0x0a, b'\x30' + bytes([invoke]) + b'\x0c' + what + b'\x3e' + value + b'\x3f')

    def text(s):
        return b'\x75' + bytes([len(s) + 1]) + b'\0' + s
    say(SCREEN, '10.20.0.255', 0x0b, b'\x10\x08', to=ALL)
    say(AIR, '10.20.0.255', 0x0b, b'\x10\0\xc4' + be32(8 << 22 | 1017) + b'\x22\x01\xe0\x91\0\x21\5', to=ALL)
    read(1, 8, 1017, 77, text(b'AHU-1'))
    read(2, 8, 1017, 70, text(b'MS-NAE3514-2'))
    read(3, 8, 1017, 44, text(b'9.0.7.2234'))
    read(4, 0, 1, 85, b'\x44' + struct.pack('>f', 21.5))


def profinet(wire):
    def dcp(dst, src, frame, service, kind, blocks):
        data = b''
        for option, value in blocks:
            data += be16(option) + be16(len(value)) + value + b'\0' * (len(value) % 2)
        wire.at(ether(dst, src, 0x8892, be16(frame) + bytes([service, kind]) + be32(0x5a10) +
                      be16(1 if kind == 0 else 0) + be16(len(data)) + data))
    dcp('01:0e:cf:00:00:00', STATION.mac, 0xfefe, 5, 0, [(0xffff, b'')])
    dcp(STATION.mac, VALVES.mac, 0xfeff, 5, 1, [
        (0x0202, b'\0\0valves-1'), (0x0201, b'\0\0AXL F BK PN TPS'), (0x0203, b'\0\0' + be16(0x00b0) + be16(0x0109)),
        (0x0204, b'\0\0\1\0'), (0x0102, b'\0\1' + ip(VALVES.ip) + ip('255.255.255.0') + ip('10.20.0.1'))])


def goose(wire, state, number, closed):
    def utc(ns):
        return be32(ns // 10**9) + be32(ns % 10**9 * 2**24 // 10**9 << 8 | 10)
    ref = b'BAY1CTRL/LLN0$'
    data = b''.join(ber(0x83, bytes([x])) for x in (closed, not closed, 0))
    pdu = ber(0x80, ref + b'GO$gcbTrip') + ber(0x81, be16(2000)) + ber(0x82, ref + b'TripSet') + ber(0x83, b'bay1trip')
    pdu += ber(0x84, utc(START * 10**9)) + ber(0x85, bytes([state])) + ber(0x86, bytes([number]))
    pdu += ber(0x87, b'\0') + ber(0x88, b'\1') + ber(0x89, b'\0') + ber(0x8a, b'\3') + ber(0xab, data)
    pdu = ber(0x61, pdu)
    wire.at(ether('01:0c:cd:01:00:01', BAY, 0x88b8, be16(0x0001) + be16(8 + len(pdu)) + bytes(4) + pdu,
                  vlan=100, priority=4))


# --------------------------------------------------------------------- a day

def morning(wire):
    dhcp(wire)
    for owner in SERVER, SWITCH, PUMPS, MIXER, PACKER:
        arp(wire, STATION, owner)
    for owner in PUMPS, TANKS, MIXER, FEEDER, AIR:
        arp(wire, SCREEN, owner)
    arp(wire, CENTRE, RELAY)
    dns(wire, 1, 'mixer-1.plant.example', MIXER.ip)
    dns(wire, 2, 'packer-1.plant.example', PACKER.ip)
    lldp(wire)
    profinet(wire)
    bacnet(wire)
    snmp(wire)
    http(wire)
    wire.datagram(STATION, '10.20.0.255', 51818, 44818, encapsulated(0x63, 0, b''), ALL)
    wire.datagram(PACKER, STATION, 44818, 51818, encapsulated(0x63, 0, identity()))


def engineering(wire, second, s7):
    """What is not said every second."""
    if second == 3:
        mixer_about(s7)
    if second == 8:
        s7.stop()
        s7.download(b'_0A00010P', mixer_program(10))
        s7.start()
    if second == 11:
        s7.write(10, 4, b'\x01\xf4')


def operating(wire, second, pumps, feeder, relay):
    if second == 5:
        pumps.ask(b'\x06' + be16(40) + be16(1450), b'\x06' + be16(40) + be16(1450))
    if second == 7:
        pumps.ask(b'\x10' + be16(200) + be16(2) + b'\4\0\1\0\2', b'\x10' + be16(200) + be16(2))
        pumps.ask(b'\3' + be16(9000) + be16(10), b'\x83\2')
    if second == 9:
        feeder.command(3001, True)
        feeder.asdu(1, 30, 3, (1002, b'\1' + cp56(wire)))
    if second == 12:
        relay.operate(3)
    if second % 5 == 0:
        feeder.asdu(1, 36, 3, (2001, struct.pack('<f', 10.4 + second / 100) + b'\0' + cp56(wire)))
        feeder.confirm()
        relay.poll(400 + second)
    if second == 15:
        feeder.test()


def main():
    wire = Wire(START)
    morning(wire)
    pumps = Modbus(wire, SCREEN, PUMPS, 49502)
    pumps.identify(b'Schneider Electric', b'BMX P34 2020', b'v2.70')
    tanks = Modbus(wire, SCREEN, TANKS, 49503)
    tanks.identify(b'Schneider Electric', b'TM221CE24R', b'v1.10.2')
    screen_s7 = S7(wire, SCREEN, MIXER, 49102, 0x0102)
    station_s7 = S7(wire, STATION, MIXER, 50102, 0x0102)
    packer = Enip(wire, STATION, PACKER, 50818)
    packer.open()
    feeder = Iec104(wire, SCREEN, FEEDER, 49404)
    feeder.interrogate()
    relay = Dnp3(wire, CENTRE, RELAY, 49200)
    for second in range(20):
        pumps.read(100, [1450 + second, 1448, 30, second], lost=second == 13)
        tanks.read(0, [700 + 3 * second, 512])
        screen_s7.read(10, 0, bytes([0, second, 1, 244, 0, 0, 0, second // 8]))
        if second == 14:
            screen_s7.conn.again()
        packer.read(b'Line.Speed', 1200 + second)
        if second == 6:
            packer.write(b'Line.Setpoint', 1250)
        goose(wire, 2 if second >= 9 else 1, second - 9 if second >= 9 else second + 1, second < 9)
        engineering(wire, second, station_s7)
        operating(wire, second, pumps, feeder, relay)
        if second % 2 == 0:
            spanning_tree(wire)
        if second in (4, 10):
            ntp(wire, SCREEN)
            ntp(wire, FEEDER)
        wire.now = (START + second + 1) * 10**9
    packer.close()
    sys.stdout.buffer.write(pcapng(wire.frames, 'A small plant, made up for Sightglass'))


if __name__ == '__main__':
    main()

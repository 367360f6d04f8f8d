"""wire: frames and capture files, byte by byte, for the makers in this folder.

Nothing here asks a clock or draws a number: the same call makes the same
bytes, so what was made can be compared with what is in the repository.
"""
import ipaddress
import struct


def be16(n):
    return struct.pack('>H', n)


def be32(n):
    return struct.pack('>I', n)


def le16(n):
    return struct.pack('<H', n)


def le32(n):
    return struct.pack('<I', n)


def mac(text):
    return bytes.fromhex(text.replace(':', ''))


def ip(text):
    return ipaddress.ip_address(text).packed


def checksum(data):
    data += b'\0' * (len(data) % 2)
    total = sum(struct.unpack('>%dH' % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


def ether(dst, src, kind, payload, vlan=None, priority=0):
    tag = b'' if vlan is None else b'\x81\x00' + be16(priority << 13 | vlan)
    return (mac(dst) + mac(src) + tag + be16(kind) + payload).ljust(60, b'\0')


def llc(dst, src, payload):
    return (mac(dst) + mac(src) + be16(len(payload)) + payload).ljust(60, b'\0')


def ipv4(src, dst, proto, payload, ident=0, flags=0x4000, ttl=64):
    head = b'\x45\x00' + be16(20 + len(payload)) + be16(ident) + be16(flags) + bytes([ttl, proto])
    return head + be16(checksum(head + b'\0\0' + ip(src) + ip(dst))) + ip(src) + ip(dst) + payload


def transport(src, dst, proto, head, at, payload):
    """TCP or UDP with its checksum, which stands at `at`."""
    segment = head + payload
    pseudo = ip(src) + ip(dst) + bytes([0, proto]) + be16(len(segment))
    total = checksum(pseudo + segment)
    return segment[:at] + be16(total or 0xffff) + segment[at + 2:]


def udp(src, dst, sport, dport, payload):
    head = be16(sport) + be16(dport) + be16(8 + len(payload)) + b'\0\0'
    return transport(src, dst, 17, head, 6, payload)


def tcp(src, dst, sport, dport, seq, ack, flags, payload=b'', options=b''):
    head = be16(sport) + be16(dport) + be32(seq) + be32(ack)
    head += bytes([(20 + len(options)) // 4 << 4, flags]) + be16(8192) + b'\0\0\0\0' + options
    return transport(src, dst, 6, head, 16, payload)


class Host:
    """An end: its addresses, and the VLAN its port is in."""

    def __init__(self, mac, ip, vlan=None, ttl=64):
        self.mac, self.ip, self.vlan, self.ttl, self.ident = mac, ip, vlan, ttl, 0

    def frame(self, to, proto, payload, mac=None):
        """An IPv4 frame to a host, or to an address behind `mac`."""
        dst = to.ip if isinstance(to, Host) else to
        self.ident += 1
        body = ipv4(self.ip, dst, proto, payload, self.ident, ttl=self.ttl)
        return ether(mac or to.mac, self.mac, 0x0800, body, self.vlan)


class Wire:
    """What passes the capture point: (nanoseconds, frame), in time order."""

    def __init__(self, start):
        self.now, self.frames = start * 10**9, []

    def pass_time(self, seconds):
        self.now += int(seconds * 10**9)

    def at(self, frame, later=0.0003):
        self.pass_time(later)
        self.frames.append((self.now, frame))

    def datagram(self, src, dst, sport, dport, payload, mac=None):
        to = dst.ip if isinstance(dst, Host) else dst
        self.at(src.frame(dst, 17, udp(src.ip, to, sport, dport, payload), mac))


class Conn:
    """A TCP connection from `a` (client) to `b` (server)."""

    def __init__(self, wire, a, b, sport, dport, seen=True):
        self.wire, self.ends, self.ports = wire, (a, b), (sport, dport)
        self.seq = [sport * 1000, dport * 70000 + sport]
        self.last = None
        if seen:
            mss = b'\x02\x04\x05\xb4'
            self.segment(0, 0x02, options=mss)
            self.segment(1, 0x12, options=mss)
            self.segment(0, 0x10)

    def segment(self, way, flags, payload=b'', options=b'', lost=False):
        src, dst = self.ends[way], self.ends[1 - way]
        ack = 0 if flags == 0x02 else self.seq[1 - way]
        body = tcp(src.ip, dst.ip, self.ports[way], self.ports[1 - way], self.seq[way], ack, flags,
                   payload, options)
        self.last = src.frame(dst, 6, body)
        if not lost:
            self.wire.at(self.last)
        self.seq[way] += len(payload) + (flags & 3 != 0)

    def ask(self, question, answer, lost=False):
        """A question and its answer; `lost`: the capture misses the answer."""
        self.segment(0, 0x18, question)
        if answer is not None:
            self.segment(1, 0x18, answer, lost=lost)

    def tell(self, payload):
        self.segment(1, 0x18, payload)

    def again(self):
        """The last segment once more: a retransmission."""
        self.wire.at(self.last, 0.2)

    def ack(self, way=0):
        self.segment(way, 0x10)

    def close(self):
        self.segment(0, 0x11)
        self.segment(1, 0x11)
        self.segment(0, 0x10)


# ------------------------------------------------------------ capture files

def block(kind, body):
    body += b'\0' * (-len(body) % 4)
    return le32(kind) + le32(len(body) + 12) + body + le32(len(body) + 12)


def option(code, value):
    return le16(code) + le16(len(value)) + value + b'\0' * (-len(value) % 4)


def pcapng(frames, comment, link=1):
    """One section, one interface, nanoseconds."""
    out = block(0x0a0d0d0a, le32(0x1a2b3c4d) + le16(1) + le16(0) + b'\xff' * 8 +
                option(1, comment.encode()) + option(0, b''))
    out += block(1, le16(link) + le16(0) + le32(262144) + option(2, b'mirror') +
                 option(9, b'\x09') + option(0, b''))
    for when, frame in frames:
        out += block(6, le32(0) + le32(when >> 32) + le32(when & 0xffffffff) +
                     le32(len(frame)) * 2 + frame)
    return out


def pcap(frames, link=1, snap=262144):
    """Microseconds, little endian; frames are cut at `snap`."""
    out = struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, snap, link)
    for when, frame in frames:
        kept = frame[:snap]
        out += struct.pack('<IIII', when // 10**9, when % 10**9 // 1000, len(kept), len(frame)) + kept
    return out

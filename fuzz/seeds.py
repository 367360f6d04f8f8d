#!/usr/bin/env python3
"""seeds: first inputs for the fuzz targets, made from the tests.

	fuzz/seeds.py DIR

writes DIR/<protocol>/, DIR/decode/, DIR/flow/ and DIR/capture/; and, for a
protocol that lies in another, DIR/<protocol>.carrier with that one's name.

A flow of a fixture becomes one input of fuzz_flow, one of fuzz_proto, and one
of fuzz_proto for each exchange; every frame of a scene one of fuzz_decode, 40
of them one of fuzz_flow; every capture of a scene one of fuzz_capture.  The
formats stand at the head of each target.
"""
import glob
import gzip
import os
import re
import struct
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..')
ESCAPES = {'n': '\n', 'r': '\r', 't': '\t', '0': '\0'}


# A line of every scenario of an exported baseline, without its hash.
EXPORTED = '''
S01 learned client=10.0.0.1 server=- vlan="7" | flags=
S02 learned client=10.0.0.1 server=- attribute="mac" mac="02:00:00:00:00:01" | flags=
S02 learned client=10.0.0.1 server=- attribute="ttl" detail="64" | flags=
S02 learned client=10.0.0.1 server=- attribute="serves" detail="modbus" | flags=
S02 learned client=10.0.0.1 server=- attribute="name" value="PLC \\"7\\"" unit="1" | flags=
S03 learned client=10.0.0.1 server=10.0.0.2 via="ip" | flags=
S04 learned client=10.0.0.1 server=10.0.0.2 protocol="modbus" via="tcp" port="502" | flags=
S04 learned client=10.0.0.1 server=10.0.0.2 protocol="dcerpc" via="tcp" port="dynamic" | flags=
S05 learned client=10.0.0.1 server=- way="name" name="example.com" | flags=
S06 learned client=10.0.0.1 server=10.0.0.2 protocol="cip" function="75.55(x)" | flags=w
S07 learned client=10.0.0.1 server=10.0.0.2 protocol="iec104:server" unit="4" area="holding/1/2/0" from="0" to="99" | flags=
S08 learned client=10.0.0.1 server=10.0.0.2 protocol="cip" area="tag:name" from="Level" | flags=w
S10 learned client=10.0.0.1 server=10.0.0.2 protocol="modbus" function="90" risk="program" | flags=eh
S11 learned client=10.0.0.1 server=10.0.0.2 protocol="ftp" user="eve" outcome="asked" | flags=
S12 learned client=fe80::1 server=10.0.0.2 protocol="ftp" directory="/a/" file="#.txt" way="read" | flags=
S17 learned client=02:00:00:00:00:01 server=- protocol="goose" via="ether" port="0x88b8" name="x" settings="0x30001" | flags=
S18 learned client=10.0.0.1 server=10.0.0.2 protocol="modbus" function="3" code="2" | flags=
S19 learned client=10.0.0.1 server=- attribute="says" value="32768/x" number="1" | flags=
S20 learned client=10.0.0.1 server=- attribute="firmware" value="1.2" | flags=
'''.lstrip()

# A list of each format fuzz_indicators reads, in its order.
INDICATORS = [
    b'type,value,comment\nip,10.0.0.1,"a, b"\ndomain,bad.example\nmd5,44d88612fea8a8f36de82e1278abb02f\n',
    b'# c\n10.0.0.1\n2001:db8::/32\nhxxp://a[.]example:80/b\n0.0.0.0 x.example\n',
    b'{"objects":[{"type":"indicator","name":"n","valid_until":"2030-01-02T03:04:05Z","pattern":"[ipv4-addr:value = '
    b"'1.2.3.4' OR (file:hashes.'SHA-1' IN ('3395856ce81f2b7382dee72602f798b642f14140') AND file:name LIKE 'a')] "
    b"FOLLOWEDBY [url:value = 'http://a.example/'] WITHIN 5 SECONDS" b'"}]}',
    b'{"response":[{"Event":{"info":"i","Attribute":[{"type":"ip-dst","value":"1.2.3.4","to_ids":true},'
    b'{"type":"domain|ip","value":"a.example|1.2.3.4"}],"Object":[{"Attribute":[{"type":"md5","value":'
    b'"44d88612fea8a8f36de82e1278abb02f"}]}]}}]}',
]


# Tables of devices, as the export and as spreadsheets write them.
TABLES = [
    b'id,addresses,name,purdue\r\n1,10.0.0.1 10.0.0.2,"a, ""b""",1.0\r\n',
    b'\xef\xbb\xbfaddress;name\n10.0.0.1;"two\nlines"\n\n',
    b"mac\tcomment\n00:00:5e:00:53:01\t'=1+1 \xe2\x82\xac\n",
]


# Of the protocol that docs/describe-a-protocol.md describes.
METER = ['4d50000a010700000002', '4d50000e01070000002a0000002b', '4d5000060207', '4d50000c03070001ffffffff',
         '4d500007030701', '4d5000086307aabb', '4d500009010700']


def quoted(text):
    """The bytes that a quoted text of a fixture stands for."""
    def one(m):
        return chr(int(m[1][1:], 16)) if m[1][0] == 'x' and len(m[1]) == 3 else ESCAPES.get(m[1], m[1])
    return re.sub(r'\\(x[0-9a-fA-F]{2}|.)', one, text).encode('latin-1', 'replace')


def spelt(line):
    """The bytes of a line: hex, and text in double quotes."""
    out = b''
    for m in re.finditer(r'"((?:[^"\\]|\\.)*)"|([0-9a-fA-F]{2})', line):
        out += bytes.fromhex(m[2]) if m[2] else quoted(m[1])
    return out


def flows(path):
    """[(protocol, via, server port, [(to server, bytes)])] of a fixture."""
    with open(path, encoding='utf-8') as file:
        text = file.read().replace('\\\n', ' ')
    found = []
    for line in text.split('\n'):
        if line.startswith('flow '):
            words = line.split()
            found.append((words[1], words[2], int(words[4], 0), []))
        elif line[:2] in ('> ', '< '):
            found[-1][3].append((line[0] == '>', spelt(line[2:])))
    return [flow for flow in found if flow[3]]


def parts(messages):
    """A conversation, and each of its exchanges by itself: short inputs run often."""
    return [messages] + ([messages[i:i + 2] for i in range(len(messages) - 1)] if len(messages) > 2 else [])


def proto_input(via, messages, words):
    """As fuzz_proto reads it: directions alternate, an empty message skips."""
    first = messages[0][0]
    out, turn = bytes([0, (1 if first else 0) | (4 if via == 'udp' else 0) | (0x18 if words else 0)]), first
    for to_server, data in messages:
        if to_server != turn:
            out += b'\0\0'
            turn = not turn
        out += struct.pack('>H', min(len(data), 0xffff)) + data[:0xffff]
        turn = not turn
    return out


def flow_ports():
    with open(os.path.join(ROOT, 'fuzz/fuzz_flow.c'), encoding='utf-8') as file:
        return [int(n) for n in re.search(r'ports\[\] = \{([^}]*)\}', file.read())[1].split(',')]


def flow_input(kind, row, messages):
    """As fuzz_flow reads it: payloads of one stream or of datagrams."""
    out = b'\0'
    for to_server, data in messages:
        for i in range(0, max(len(data), 1), 1400):
            piece = data[i:i + 1400]
            out += bytes([kind, row | (0 if to_server else 0x20)]) + struct.pack('>H', len(piece)) + piece
    return out


def frames_input(frames):
    """As fuzz_flow reads it: Ethernet frames."""
    return b'\0' + b''.join(b'\0\0' + struct.pack('>H', len(f)) + f for f in frames)


def frames(data):
    """(link type, frame) of a capture: little endian, one interface."""
    if data[:4] == b'\x0a\x0d\x0d\x0a':
        at, link = 0, 1
        while at + 12 <= len(data):
            kind, size = struct.unpack_from('<II', data, at)
            if kind == 1:
                link = struct.unpack_from('<H', data, at + 8)[0]
            if kind == 6:
                n = struct.unpack_from('<I', data, at + 20)[0]
                yield link, data[at + 28:at + 28 + n]
            at += size
    else:
        link, at = struct.unpack_from('<I', data, 20)[0], 24
        while at + 16 <= len(data):
            n = struct.unpack_from('<I', data, at + 8)[0]
            yield link, data[at + 16:at + 16 + n]
            at += 16 + n


def snoop(seen):
    """The Ethernet frames as a snoop capture: only the test has one."""
    out = b'snoop\0\0\0' + struct.pack('>II', 2, 4)
    for frame in seen:
        padding = bytes(-len(frame) % 4)
        out += struct.pack('>6I', len(frame), len(frame), 24 + len(frame) + len(padding), 0, 1, 2) + frame + padding
    return out


def unit_frames():
    """The frames that decode_rows.h spells, one of each wrapping."""
    with open(os.path.join(ROOT, 'tests/unit/decode_rows.h'), encoding='utf-8') as file:
        text = re.sub(r'/\*.*?\*/', '', file.read(), flags=re.S).replace('\\\n', ' ')
    names = {}

    def hexes(expression):
        parts = re.findall(r'"([^"]*)"|\b([A-Z][A-Z0-9_]+)\b', expression)
        return ''.join(names.get(word, '') if word else string for string, word in parts)
    for name, value in re.findall(r'^#define (\w+)\s+(.+)$', text, re.M):
        if '"' in value:
            names[name] = hexes(value)
    row = r'\{\s*"(?:[^"\\]|\\.)*",\s*(\d+),\s*(\d+),\s*(\d+),\s*((?:"[0-9a-fA-F\s]*"|[A-Z][A-Z0-9_]+|\s)+),'
    for link, missing, fcs, expression in re.findall(row, text):
        try:
            data = bytes.fromhex(hexes(expression).replace(' ', ''))
        except ValueError:
            continue
        yield int(link), int(missing) << 4 | int(fcs), data


def windows():
    """Of each kind that fuzz_windows reads: conversations, HTTP, challenges, sealed, files."""
    def said(body):
        return b"<s:Envelope xmlns:s='x'><s:Header/><s:Body>" + body + b'</s:Body></s:Envelope>'
    items = said(b'<EnumerateResponse><EnumerationContext>1</EnumerationContext><w:Items><p:W><p:Name>a&lt;</p:Name>'
                 b'<p:Caption>Windows 10</p:Caption><p:HotFixID xsi:nil="true"/></p:W></w:Items></EnumerateResponse>')
    ends = said(b'<PullResponse><Items/><EndOfSequence/></PullResponse>')
    fault = said(b'<s:Fault><s:Code><s:Value>w:AccessDenied</s:Value></s:Code></s:Fault>')
    keys = said(b'<p:X_OUTPUT><p:sNames>Disk&amp;Ven_A&amp;Prod_B</p:sNames><p:sValue>7-Zip</p:sValue>'
                b'<p:uValue>1234</p:uValue></p:X_OUTPUT>')
    yield b'\0' + b'\0'.join([said(b'<IdentifyResponse/>'), items, ends] + [keys] * 6)
    yield b'\0' + b'\0'.join([said(b'<IdentifyResponse/>')] + [fault] * 12 + [keys] * 12)
    yield b'\x01HTTP/1.1 401 \r\nWWW-Authenticate: Negotiate TlRM\r\nContent-Length: 0\r\n\r\n'
    yield b'\x01HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'
    info = struct.pack('<HH', 2, 4) + b'D\0D\0' + struct.pack('<HHQ', 7, 8, 5) + bytes(4)
    yield (b'\x02NTLMSSP\0' + struct.pack('<IHHIIQQHHI', 2, 0, 0, 56, 0xe28a8233, 1, 0, len(info), len(info), 56) +
           bytes(8) + info)
    yield (b'\x03--Encrypted Boundary\r\n\tOriginalContent: type=x;Length=4\r\n--Encrypted Boundary\r\n'
           b'\tContent-Type: application/octet-stream\r\n\x10\0\0\0' + bytes(20) + b'--Encrypted Boundary--\r\n')
    text = ('Sightglass-Windows 1\nTime=2026-11-30T10:00:00Z\n[Win32_NetworkAdapterConfiguration]\n'
            'MACAddress=00:11:22:33:44:55\nIPAddress={"10.0.0.1","fe80::1"}\n\n[Win32_Service]\nName=a\nState=b\n')
    yield b'\x04' + text.encode()
    yield b'\x04' + b'\xff\xfe' + text.encode('utf-16-le')


def directory():
    """Whole conversations for each way that fuzz_directory asks: binds, a user, groups within groups, what goes wrong."""
    def tlv(tag, *parts):
        body = b''.join(parts)
        return bytes([tag]) + (bytes([len(body)]) if len(body) < 128 else b'\x82' + struct.pack('>H', len(body))) + body

    def message(number, op):
        return tlv(0x30, tlv(2, bytes([number])), op)

    def result(tag, code=0):
        return tlv(tag, tlv(10, bytes([code])), tlv(4), tlv(4, b'why'))

    def entry(dn, **attributes):
        return tlv(0x64, tlv(4, dn), tlv(0x30, *[tlv(0x30, tlv(4, k.encode()), tlv(0x31, *[tlv(4, v) for v in vs])) for k, vs in attributes.items()]))
    user = entry(b'uid=anna,dc=x', userAccountControl=[b'512'], memberOf=[b'cn=d', b'cn=c'])
    for how in range(8):
        ops = [[result(0x61)], [user, result(0x65)]]
        if how & 1:
            ops += [[entry(b'cn=e', memberOf=[b'CN=A , dc=x']), tlv(0x73, tlv(4, b'ldap://y/')), result(0x65)]] + [[result(0x65)]] * 5
        else:
            ops += [[entry(b'uid=anna,dc=x'), result(0x65)]]
        ops += [[result(0x61, 0)], [result(0x61, 49)]]
        yield bytes([how]) + b''.join(message(i + 1, op) for i, some in enumerate(ops) for op in some)
    yield b'\0' + message(1, result(0x61, 49))
    yield b'\0' + message(0, result(0x78, 52))


def control():
    """what fuzz_control reads: its first byte says which end, and what comes along"""
    one = b'{"who":"anna","request":{"verb":"alerts.close","numbers":[1]}}\n'
    play = b'{"verb":"captures.play","name":"a.pcap"}\n'
    yield b'\0' + play
    yield b'\1' + one + one
    yield b'\4' + play  # with a file
    yield b'\x0c' + play  # with two
    yield b'\2' + b'{"verb":"asking.tell"}\n' + b'\n\n{}\n[1]\nnull\n'
    answer = b'{"ok":true}'
    yield b'\3' + struct.pack('=IIQII', 2, len(answer), 1, 0, 0) + answer + struct.pack('=IIQII', 0, 0, 0, 0, 0)
    yield b'\7' + struct.pack('=IIQII', 6, 0, 1, 0, 0) + struct.pack('=IIQII', 7, len(one), 1, 0, 0) + one
    yield b'\3' + struct.pack('=IIQII', 99, 0xffffffff, 1, 0, 0)


def main():
    out, ports, count, carriers = sys.argv[1], flow_ports(), {}, {}

    def put(surface, data):
        folder = os.path.join(out, surface)
        os.makedirs(folder, exist_ok=True)
        count[surface] = count.get(surface, 0) + 1
        with open(os.path.join(folder, 'seed-%04d' % count[surface]), 'wb') as file:
            file.write(data)
    fixtures = sorted(glob.glob(os.path.join(ROOT, 'tests/proto/*.fixture')))
    own = {proto for path in fixtures for proto, _, _, _ in flows(path)}
    for path in fixtures:
        stem, found = os.path.basename(path)[:-8].replace('_', '-'), flows(path)
        for proto, via, port, messages in found:
            for some in parts(messages):
                put(proto, proto_input(via, some, some is messages))
            if stem != proto and stem not in own:
                for some in parts(messages):
                    put(stem, proto_input(via, some, some is messages))
                carriers[stem] = proto
            if via in ('tcp', 'udp') and port in ports:
                put('flow', flow_input(1 if via == 'tcp' else 2, ports.index(port), messages))
    captures = glob.glob(os.path.join(ROOT, 'tests/scene/*/capture*')) + [os.path.join(ROOT, 'samples/plant.pcapng')]
    for path in sorted(captures):
        with open(path, 'rb') as file:
            data = file.read()
        put('capture', data)
        put('capture', gzip.compress(data, mtime=0))
        seen = list(frames(data))
        put('capture', snoop([f for link, f in seen if link == 1]))
        for link, frame in seen:
            put('decode', struct.pack('>HB', link, 0) + frame)
        for i in range(0, len(seen), 40):
            put('flow', frames_input([f for link, f in seen[i:i + 40] if link == 1]))
    for link, lengths, frame in unit_frames():
        put('decode', struct.pack('>HB', link, lengths & 0xff) + frame)

    for number, text in enumerate(INDICATORS):
        put('indicators', bytes([number + 1]) + text)

    for text in TABLES:
        put('table', text)

    with open(os.path.join(ROOT, 'docs/describe-a-protocol.md'), encoding='utf-8') as file:
        described = file.read().split('```protocol\n')[1].split('```')[0].encode()
    for message in METER:
        put('describe', described + b'\xff' + bytes.fromhex(message))

    for data in directory():
        put('directory', data)

    for data in windows():
        put('windows', data)
    for data in control():
        put('control', data)

    put('import', EXPORTED.encode())
    for line in EXPORTED.splitlines():
        put('import', line.encode() + b'\n')

    for inner, proto in carriers.items():
        with open(os.path.join(out, inner + '.carrier'), 'w', encoding='utf-8') as file:
            file.write(proto + '\n')


if __name__ == '__main__':
    main()

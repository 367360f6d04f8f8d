"""fill: a state with many alerts, devices and conversations, written into its database."""
import os
import random
import sqlite3

SEVERITIES = ['warning', 'minor', 'major', 'critical']
HOSTILE = ['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'; DROP TABLE device; --", '=cmd|\' /C calc\'!A0', '{{7*7}}',
           '\u202egnp.exe', 'a' * 90, '\u0000'.replace('\u0000', '%00'), '../../etc/passwd', '日本語の名前']


PROTOCOLS = ['modbus', 's7comm', 'dnp3', 'http', 'dns', 'unknown', 'tls', 'ntp', 'arp', 'profinet-rt']


def talk(db, rnd, base, n, devices):
    """conversations between any two devices, some with the Internet, some that change something: more pairs than a plant has"""
    def ip(i):
        return '10.%d.%d.%d' % (3 + i // 65536, i // 256 % 256, i % 256)
    conversation, operation = (db.execute('SELECT coalesce(max(id), 0) FROM ' + t).fetchone()[0] for t in ('conversation', 'operation'))
    rows, asked = [], []
    for i in range(conversation + 1, n + 1):
        at, proto = base + rnd.randrange(10**6) * 10**9, rnd.choice(PROTOCOLS)
        server = '8.%d.%d.9' % (rnd.randrange(200), rnd.randrange(250)) if rnd.random() < .02 else ip(rnd.randrange(400 if rnd.random() < .7 else devices))
        rows.append((i, ip(rnd.randrange(devices)), None, server, None, rnd.choice([502, 102, 20000, 80, 53, 1024 + rnd.randrange(30000)]), None, 0, 0, 'tcp', proto,
                     int(rnd.random() < .03), 1, at, at + 10**10, rnd.randrange(1, 50), rnd.randrange(1000), rnd.randrange(1000), rnd.randrange(10**6), rnd.randrange(10**6), 0, 0, 0))
        if rnd.random() < .15:
            asked.append((operation + 1 + len(asked), i, 'modbus', rnd.choice(['read', 'write']), rnd.choice([3, 4, 16]), rnd.choice(['none', 'write', 'program']), rnd.randrange(1, 1000)))
    db.executemany('INSERT INTO conversation VALUES (' + ','.join('?' * 23) + ')', rows)
    db.executemany('INSERT INTO operation VALUES (?,?,?,?,?,?,?)', asked)


def fill(state, alerts, devices, conversations=0, seed=1):
    rnd = random.Random(seed)
    db = sqlite3.connect(os.path.join(state, 'state.db'))
    slugs = [row[0] for row in db.execute('SELECT slug FROM alert_kind ORDER BY slug')]
    base = 1768197600 * 10**9
    first = db.execute('SELECT coalesce(max(number), 0) FROM alert').fetchone()[0]
    rows = []
    for i in range(alerts):
        at = base + rnd.randrange(10**6) * 10**9
        rows.append((rnd.choice(slugs), rnd.choice(SEVERITIES), rnd.choice(['new', 'active', 'closed']), 0, 0, '10.1.%d.%d' % (rnd.randrange(256), rnd.randrange(256)),
                     None, 0, 0, '10.2.0.%d' % rnd.randrange(256), None, 502, rnd.choice(['modbus', 's7comm', 'dnp3']), None, at, at + 1, 1 + rnd.randrange(9),
                     1000000 + i, 0, None, '', 'made-up alert %d %s' % (i, HOSTILE[i % len(HOSTILE)])))
    db.executemany('INSERT INTO alert (slug, severity, status, muted, source_asset, source_ip, source_mac, source_port, destination_asset, destination_ip, '
                   'destination_mac, destination_port, proto, vlan, first, last, count, fold, violations_left_out, per_day, title, text) VALUES (' + ','.join('?' * 22) + ')', rows)
    for i in range(devices):
        at = base + rnd.randrange(10**6) * 10**9
        device = db.execute('INSERT INTO device (name, role, purdue, ot, clients, servers, first, last, packets, bytes, left_out) VALUES (?,?,?,?,?,?,?,?,?,?,0)',
                            (HOSTILE[i % len(HOSTILE)] if i % 3 == 0 else None, rnd.choice(['plc', 'hmi', 'switch', 'workstation']), rnd.choice([10, 20, None]), i % 2,
                             'arp', 'modbus' if i % 2 else '', at, at + 5, i, i * 100)).lastrowid
        db.execute('INSERT INTO device_address (device, place, ip, mac, vlan, asset) VALUES (?, 0, ?, ?, NULL, ?)',
                   (device, '10.%d.%d.%d' % (3 + i // 65536, i // 256 % 256, i % 256), '02:00:00:%02x:%02x:%02x' % (i // 65536, i // 256 % 256, i % 256), 100000 + i))
    talk(db, rnd, base, conversations, devices)
    db.commit()
    db.close()
    return first + 1

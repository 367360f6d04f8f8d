"""slapd: a directory under test (OpenLDAP's), with TLS, on free ports of this machine, until the block ends."""
import os
import socket
import subprocess
import time

BASE = 'dc=plant,dc=example'
READER, READER_PASSWORD = 'cn=sensor,' + BASE, 'looks for people'
PASSWORD = 'quiet river under stones'

CONF = '''include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile {0}/pid
TLSCACertificateFile {0}/ca.pem
TLSCertificateFile {0}/server.pem
TLSCertificateKeyFile {0}/server.key
database mdb
directory {0}/db
maxsize 16777216
suffix "{1}"
rootdn "cn=root,{1}"
rootpw root
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{2}" read by self read by users read by * none
'''


def entry(dn, kind, **attributes):
    lines = ['dn: ' + dn] + ['objectClass: ' + k for k in kind.split()]
    for name, values in attributes.items():
        lines += ['%s: %s' % (name, v) for v in ([values] if isinstance(values, str) else values)]
    return '\n'.join(lines) + '\n\n'


def person(uid, password=PASSWORD):
    return entry('uid=%s,ou=people,%s' % (uid, BASE), 'inetOrgPerson', cn=uid, sn=uid, uid=uid, userPassword=password)


def of(uid):
    return 'uid=%s,ou=people,%s' % (uid, BASE)


def group(cn, *members):
    return entry('cn=%s,ou=groups,%s' % (cn, BASE), 'groupOfNames', cn=cn, member=list(members))


def named(cn):
    return 'cn=%s,ou=groups,%s' % (cn, BASE)


def people():
    """bo is an administrator by a group in a group in a group that holds itself, too; nils is in groups that give nothing, twin is there twice"""
    ldif = entry(BASE, 'dcObject organization', dc='plant', o='plant')
    for ou in ('people', 'groups'):
        ldif += entry('ou=%s,%s' % (ou, BASE), 'organizationalUnit', ou=ou)
    ldif += entry(READER, 'person simpleSecurityObject', cn='sensor', sn='sensor', userPassword=READER_PASSWORD)
    for uid in ('ada', 'bo', 'cy', 'nils'):
        ldif += person(uid)
    ldif += person('twin')
    ldif += entry('uid=twin+sn=two,ou=people,' + BASE, 'inetOrgPerson', cn='twin', sn='two', uid='twin', userPassword=PASSWORD)
    ldif += group('readers', of('cy'), of('twin')) + group('analysts', of('ada'))
    ldif += group('ring a', named('ring b'), of('nils')) + group('ring b', named('ring a'))
    ldif += group('crew', of('bo')) + group('shift', named('crew'), named('bosses')) + group('bosses', named('shift'))
    return ldif


def certificates(folder):
    """an authority, what it signed for this machine, and an authority that did not"""
    def openssl(*words):
        subprocess.run(['openssl', *words], cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for name in ('ca', 'other'):
        openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', name + '.key', '-out', name + '.pem',
                '-days', '30', '-subj', '/CN=' + name, '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign')
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=directory')
    with open(os.path.join(folder, 'ext'), 'w') as file:
        file.write('subjectAltName=DNS:localhost\nextendedKeyUsage=serverAuth\n')
    openssl('x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-out', 'server.pem', '-days', '30', '-extfile', 'ext')


def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]


class Slapd:
    def __init__(self, folder):
        self.folder = folder
        os.mkdir(os.path.join(folder, 'db'))
        certificates(folder)
        self.conf = os.path.join(folder, 'slapd.conf')
        with open(self.conf, 'w') as file:
            file.write(CONF.format(folder, BASE, READER))
        subprocess.run(['slapadd', '-q', '-f', self.conf], input=people(), text=True, check=True)
        self.plain, self.tls = free_port(), free_port()
        self.process = None

    def start(self):
        self.process = subprocess.Popen(['slapd', '-d', '0', '-f', self.conf, '-h', 'ldap://127.0.0.1:%d ldaps://127.0.0.1:%d' % (self.plain, self.tls)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(500):
            try:
                socket.create_connection(('127.0.0.1', self.tls), 1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.01)
        raise SystemExit('slapd does not start')

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def modify(self, ldif):
        """by ldapmodify, as its root"""
        subprocess.run(['ldapmodify', '-x', '-H', 'ldap://127.0.0.1:%d' % self.plain, '-D', 'cn=root,' + BASE, '-w', 'root'], input=ldif, text=True, check=True,
                       stdout=subprocess.DEVNULL)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

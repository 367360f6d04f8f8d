"""directory_api.py SIGHTGLASS FOLDER PID PORT SECRET: a directory is switched on, its process killed, and it is switched off again, while the
sensor with this PID runs."""
import os
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'api'))
import slapd  # noqa: E402
from client import Person  # noqa: E402

LOCAL = 'stones under a quiet river'


def wait(holds, what):
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if holds():
            return
        time.sleep(0.05)
    raise SystemExit('not in time: ' + what)


def live_pid(folder, name):
    with sqlite3.connect('file:%s/st/state.db?mode=ro' % folder, uri=True) as db:
        return db.execute("SELECT json_extract(json, '$.%s.pid') FROM live WHERE key = 'processes'" % name).fetchone()[0]


def main(sightglass, folder, pid, port, secret):
    conf = os.path.join(folder, 'sightglass.conf')
    with open(conf) as file:
        was = file.read()
    anna = Person(int(port))
    assert anna.setup(secret, 'anna', LOCAL).status == 200
    assert anna.get('directory').json()['on'] is False
    assert Person(int(port)).sign_in('ada', slapd.PASSWORD).status == 401
    with slapd.Slapd(os.path.join(folder, 'ldap')) as server:
        with open(conf, 'w') as file:
            file.write('directory = on\ndirectory.servers = ldaps://localhost:%d\ndirectory.ca = %s/ldap/ca.pem\ndirectory.kind = plain\n' % (server.tls, folder))
            file.write('directory.users = ou=people,%s\ndirectory.groups = ou=groups,%s\ndirectory.reader = %s\n' % (slapd.BASE, slapd.BASE, slapd.READER))
            file.write('directory.analysts = %s\n' % slapd.named('analysts') + was)
        subprocess.run([sightglass, 'users', 'directory', 'password', '--config', conf, '--state', folder + '/st'], input=slapd.READER_PASSWORD + '\n', text=True, check=True,
                       stdout=subprocess.DEVNULL)
        os.kill(int(pid), signal.SIGHUP)
        wait(lambda: anna.get('directory').json()['on'], 'on')
        ada = Person(int(port))
        assert ada.sign_in('ada', slapd.PASSWORD).json()['role'] == 'analyst'
        assert Person(int(port)).sign_in('ada', 'not it').status == 401
        wait(lambda: live_pid(folder, 'directory'), 'its process is shown')
        os.kill(live_pid(folder, 'directory'), signal.SIGKILL)
        wait(lambda: Person(int(port)).sign_in('ada', slapd.PASSWORD).status == 200, 'after it was killed')
        tested = anna.ask('POST', 'directory/test', {'user': 'ada'}).json()
        assert tested.get('groups') == [slapd.named('analysts')], tested
        with open(conf, 'w') as file:
            file.write(was)
        os.kill(int(pid), signal.SIGHUP)
        wait(lambda: not anna.get('directory').json()['on'], 'off')
        assert Person(int(port)).sign_in('ada', slapd.PASSWORD).status == 401
        assert ada.get('devices').status == 200, 'who is signed in goes on until the session ends'


main(*sys.argv[1:])

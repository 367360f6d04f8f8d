"""client: a server under test, and people who talk to it."""
import http.client
import json
import os
import re
import ssl
import subprocess
import threading

JSON = {'Content-Type': 'application/json'}


class Server:
    """sightglass serve on a state, until the block ends"""

    def __init__(self, sightglass, state, *more):
        self.argv = [sightglass, 'serve', '--state', state, '--port', '0', *more]
        self.lines = []

    def __enter__(self):
        self.process = subprocess.Popen(self.argv, stderr=subprocess.PIPE, text=True)
        self.port = self.secret = None
        while self.port is None:
            line = self.process.stderr.readline()
            if line == '':
                raise SystemExit('the server did not start: %s' % self.lines)
            self.lines.append(line)
            found = re.search(r'https://[^ ]*:([0-9]+)/', line)
            if found:
                self.port = int(found.group(1))
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        return self

    def _read(self):
        for line in self.process.stderr:
            self.lines.append(line)

    def wait_secret(self):
        for _ in range(200):
            for line in self.lines:
                found = re.search(r'one-time secret ([A-Z0-9-]+)', line)
                if found:
                    return found.group(1)
            threading.Event().wait(0.02)
        return None

    def __exit__(self, *_):
        self.process.terminate()
        self.status = self.process.wait(20)
        self.reader.join(5)


class Reply:
    def __init__(self, response):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def code(self):
        """the word of an error"""
        return self.json()['error']['code']


class Person:
    """one browser, or one program with a token"""

    def __init__(self, port, token=None):
        self.port = port
        self.token = token
        self.cookie = self.csrf = None
        self.link = None

    def connect(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return http.client.HTTPSConnection('127.0.0.1', self.port, context=context, timeout=30)

    def ask(self, method, path, body=None, headers=None, raw=None):
        send = dict(headers or {})
        if not path.startswith('/'):
            path = '/api/v1/' + path
        if self.token:
            send.setdefault('Authorization', 'Bearer ' + self.token)
        if self.cookie:
            send.setdefault('Cookie', self.cookie)
        if self.csrf and method not in ('GET', 'HEAD'):
            send.setdefault('X-CSRF-Token', self.csrf)
        data = raw
        if body is not None:
            data = json.dumps(body).encode()
            send.setdefault('Content-Type', 'application/json')
        for attempt in (1, 2):
            try:
                if self.link is None:
                    self.link = self.connect()
                self.link.request(method, path, data, send)
                reply = Reply(self.link.getresponse())
                break
            except (http.client.HTTPException, OSError):
                self.link = None
                if attempt == 2:
                    raise
        for value in reply.headers.get_all('Set-Cookie') or []:
            self.cookie = value.split(';')[0]
        return reply

    def get(self, path, **more):
        return self.ask('GET', path, **more)

    def sign_in(self, user, password, **more):
        reply = self.ask('POST', 'session', {'user': user, 'password': password, **more})
        if reply.status == 200:
            self.csrf = reply.json()['csrf']
        return reply

    def setup(self, secret, user, password):
        reply = self.ask('POST', 'setup', {'secret': secret, 'user': user, 'password': password})
        if reply.status == 200:
            self.csrf = reply.json()['csrf']
        return reply


class Checks:
    """counts what holds, and says what does not"""

    def __init__(self, name):
        self.name = name
        self.passed = self.failed = 0

    def that(self, condition, text):
        if condition:
            self.passed += 1
        else:
            self.failed += 1
            print('FAIL %s' % text, flush=True)
        return bool(condition)

    def same(self, found, wanted, text):
        return self.that(found == wanted, '%s: %r, not %r' % (text, found, wanted))

    def end(self):
        print('%s: %d passed, %d failed' % (self.name, self.passed, self.failed))
        raise SystemExit(1 if self.failed or not self.passed else 0)


def make_state(sightglass, folder, capture):
    state = os.path.join(folder, 'state')
    subprocess.run([sightglass, 'read', '--quiet', '--state', state, capture], check=True, stdout=subprocess.DEVNULL)
    return state

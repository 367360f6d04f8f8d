"""playback_api.py PORT SECRET CAPTURE: a capture is sent to the console of the
running sensor and played: until it is stopped, then to its end.  Prints what
went wrong."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'api'))
from client import Person  # noqa: E402

PASSWORD = 'correct horse battery 9'


def wait_for(person, *states):
    for _ in range(200):
        c = person.ask('GET', 'captures').json()['items'][0]
        if c['state'] in states:
            return c
        time.sleep(0.05)
    return c


def main(port, secret, capture):
    person = Person(int(port))
    assert person.setup(secret, 'anna', PASSWORD).status == 200
    with open(capture, 'rb') as file:
        sent = person.ask('POST', 'captures?name=plant.pcapng', raw=file.read(),
                          headers={'Content-Type': 'application/octet-stream'})
    assert sent.status == 201, sent.status
    assert person.ask('POST', 'captures/1/play').status == 200
    assert wait_for(person, 'playing')['state'] == 'playing'
    assert person.ask('POST', 'captures/1/play').status == 409
    assert person.ask('POST', 'captures/1/stop').status == 200
    assert wait_for(person, 'stopped')['state'] == 'stopped'
    assert person.ask('POST', 'captures/1/stop').status == 409
    assert person.ask('POST', 'captures/1/play?speed=2000').status == 422
    assert person.ask('POST', 'captures/1/play?speed=0').status == 200
    c = wait_for(person, 'done', 'failed')
    assert c['state'] == 'done' and c['progress'] == 1, c


main(*sys.argv[1:])

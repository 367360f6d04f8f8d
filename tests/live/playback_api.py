"""playback_api.py PORT SECRET CAPTURE: a capture is sent to the console of the
running sensor and played: until it is stopped, then to its end.  Prints what
went wrong."""
import os
import signal
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


def frames_of(person, number):
    return person.ask('GET', f'alerts/{number}/frames').json()['items']


def frames_are_decoded(person):
    """By a process of its own; one that is gone is not missed for long."""
    for alert in person.ask('GET', 'alerts?limit=50').json()['items']:
        answer = person.ask('GET', f"alerts/{alert['number']}/frames")
        some = answer.json()['items'] if answer.status == 200 else []
        assert all(f['facts'] is not None for f in some), alert
        if any(f['facts'] for f in some):
            frames, number = some, alert['number']
    facts = [x for f in frames for x in f['facts']]
    assert all(x['proto'] and x['time'].startswith('2026-01-12') for x in facts)
    live = {row['key']: row['now'] for row in person.ask('GET', 'health').json()['live']}
    pid = live['processes']['decoder']['pid']
    os.kill(pid, signal.SIGKILL)
    for _ in range(100):
        again = frames_of(person, number)
        if any(f['facts'] for f in again):
            break
        assert all(f['facts'] is None and f['hex'] for f in again)
        time.sleep(0.05)
    assert again == frames


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
    frames_are_decoded(person)


main(*sys.argv[1:])

#!/usr/bin/env python3
"""reads.py: reads of the API at a steady pace, for bench/api-load.

	reads.py --token SECRET           makes the administrator, prints a token
	reads.py TOKEN READS SECONDS      so many a second; prints how many were
	                                  answered well, and the p99 in ms
"""
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'tests', 'api'))
from client import Person  # noqa: E402

PORT = 8443
READS = ['overview', 'alerts?limit=50', 'devices?limit=50', 'devices/1', 'timeline?limit=50', 'conversations?limit=50', 'mode', 'session',
         'alerts?limit=50&where=severity%20%3D%20critical', 'devices?limit=50&where=role%20%3D%20plc']
THREADS = 8


def make(secret):
    anna = Person(PORT)
    anna.setup(secret, 'anna', 'quiet river under stones')
    print(anna.ask('POST', 'tokens', {'name': 'bench'}).json()['token'])


def read(token, a_second, seconds):
    took, lock, begin = [], threading.Lock(), time.monotonic()

    def run(i):
        person = Person(PORT, token=token)
        for n in range(i, a_second * seconds, THREADS):
            due = begin + n / a_second
            time.sleep(max(0, due - time.monotonic()))
            at = time.monotonic()
            if at > begin + seconds + 1:
                return
            if person.get(READS[n % len(READS)]).status == 200:
                with lock:
                    took.append(time.monotonic() - at)
    threads = [threading.Thread(target=run, args=(i,)) for i in range(THREADS)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    took.sort()
    print(len(took), '%.0f' % (1000 * took[len(took) * 99 // 100]) if took else '-')


if sys.argv[1] == '--token':
    make(sys.argv[2])
else:
    read(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))

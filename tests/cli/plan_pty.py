"""plan_pty.py SIGHTGLASS: plays somebody at a terminal who is asked by
`mirror plan`, mistakes included.  Prints what went wrong."""
import os
import pty
import select
import sys

# a question's end, and what is answered; '' is the enter key alone
TALKS = {
    'ports, after mistakes': ([
        ('Method: ', 'spann'), ('one of the above, please\r\nMethod: ', 'span'), ('Make: ', 'moxa'),
        ('instead): ', '1,2,5'), ('(empty: rx): ', ''), ('connected: ', '8')],
        ['1', '2', '5', 'kind = span']),
    'VLANs': ([
        ('Method: ', 'span'), ('Make: ', 'cisco-ios'), ('instead): ', ''), ('10,20-25: ', ''),
        ('at least one, please\r\nVLANs, as 10,20-25: ', '10,20-21'), ('(empty: rx): ', 'both'), ('connected: ', '1/0/24')],
        ['monitor session 1 source vlan 10 , 20 , 21 both|source vlan 10', 'destination interface 1/0/24']),
    'a TAP of two ports': ([
        ('Method: ', 'tap-two'), ('Make: ', 'any-tap')],
        ['tap-rx']),
}


def talk(sightglass, turns):
    """All that was shown, and the exit status."""
    pid, fd = pty.fork()
    if pid == 0:
        os.environ['TERM'] = 'dumb'
        os.execv(sightglass, [sightglass, 'mirror', 'plan', '--color', 'never'])
    shown, at = '', 0
    turns = list(turns)
    while select.select([fd], [], [], 10)[0]:
        try:
            more = os.read(fd, 65536)
        except OSError:
            break
        if not more:
            break
        shown += more.decode(errors='replace')
        if turns and shown[at:].endswith(turns[0][0]):
            at = len(shown)
            os.write(fd, (turns.pop(0)[1] + '\n').encode())
        elif not turns and shown[at:].endswith(': '):
            at = len(shown)
            os.write(fd, b'\n')
    os.close(fd)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return shown, status, turns


failed = 0
for name, (turns, wanted) in TALKS.items():
    shown, status, left = talk(sys.argv[1], turns)
    missing = [w for w in wanted if not any(one in shown for one in w.split('|'))]
    if status != 0 or left or missing:
        failed = 1
        print('%s: status %d, not asked %s, not said %s:\n%s' % (name, status, left, missing, shown))
sys.exit(failed)

#!/bin/sh
# protocols.sh BUILD_DIR|BINARY - protocols that are described in files: the
# example of docs/describe-a-protocol.md is read, checked, used and learned;
# what nobody knows is inferred, and the draft fits what it was drawn from.
. "$(dirname "$0")/lib.sh"

# The meters of the example: four questions and answers, then two weeks of
# them, an hour each, and one function that was never used.
cat >make.py <<'END'
import sys
sys.path.insert(0, sys.argv[1])
from wire import Conn, Host, Wire, be16, be32, pcap

def ask(function, body=b''):
    return b'MP' + be16(6 + len(body)) + bytes([function, 7]) + body

def conversation(path, hours, last):
    wire = Wire(1700000000)
    hmi, meter = Host('02:00:00:00:00:01', '10.0.0.1'), Host('02:00:00:00:00:02', '10.0.0.2')
    for hour in range(hours):
        c = Conn(wire, hmi, meter, 40000 + hour, 7777)
        for k in range(4):
            c.ask(ask(1, be16(16) + be16(2)), ask(1, be32(42 + k) + be32(43)))
        if hours == 1:
            c.ask(ask(2), ask(2))
            c.ask(ask(3, be16(1) + be32(0xfffffffe)), ask(3, b'\5'))
        if hour == hours - 1 and last:
            c.ask(ask(last), ask(last))
        c.close()
        wire.pass_time(3600)
    with open(path, 'wb') as file:
        file.write(pcap(wire.frames))

conversation('meter.pcap', 1, 0)
conversation('odd.pcap', 1, 0x63)
conversation('weeks.pcap', 24 * 20, 0)
conversation('attack.pcap', 24 * 20, 2)
END
python3 make.py "$here/../make" || { echo "FAIL captures"; exit 1; }
mkdir d
sed -n '/^```protocol$/,/^```$/p' "$here/../../docs/describe-a-protocol.md" | grep -v '^```' >d/meter.protocol

# --- listed, and used
runs "listed" 0 protocols --set protocols=d --format json
says out '"name":"meter","title":"Meters of a made-up maker","industrial":true,"ports":{"tcp":[7777]}'
runs "no such folder" 2 protocols --set protocols=nowhere
runs "without it" 0 read -q --no-alerts -f csv -t conversations meter.pcap
says out ",unknown,tcp,7777,"
runs "with it" 0 read -q --no-alerts --facts -f json --set protocols=d meter.pcap
says out '"proto":"meter","kind":"read","op":1,"op_name":"read registers"'
says out '"kind":"control","op":2,"op_name":"reset"'
says out '"risk":"reset"'
says out '"kind":"value","op":3,"op_name":"set limit"'
says out '"values":[-2]'
runs "in the ledger" 0 read -q --no-alerts -f csv -t ledger --set protocols=d meter.pcap
says out "meter,"

# --- checked
runs "check" 0 protocols check d/meter.protocol meter.pcap
says out "100.0 % of them understood"
says out "read registers"
runs "check, an operation that is not described" 1 protocols check d/meter.protocol odd.pcap
says out "not described"
sed 's/  2 object$/  3 object/' d/meter.protocol >wide.protocol
runs "check, fields that do not fit" 1 protocols check wide.protocol meter.pcap
says out "Do not fit"
says out "runs past its length"
runs "check, nothing like it" 1 protocols check d/meter.protocol make.py
runs "check without a capture" 2 protocols check d/meter.protocol
says err "a description and a capture are wanted"

# --- mistakes
sed 's/length all/length al/' d/meter.protocol >d/wrong.protocol
runs "a mistake stops the start" 1 read -q --set protocols=d meter.pcap
says err "d/wrong.protocol:10: length: 'al' is no way to count a length; did you mean all"
sed 's/^protocol .*/protocol modbus/' d/meter.protocol >d/wrong.protocol
runs "another's name" 1 protocols --set protocols=d
says err "there is a protocol called 'modbus' already"
rm d/wrong.protocol

# --- learned: a function that was never used is an alert, described or not
learned() { # WHAT, CAPTURE, ALERTS, SETTING...
	what=$1 capture=$2 number=$3
	shift 3
	"$bin" read -q -f json "$@" --learn-until 2023-12-03 "$capture" >out 2>err
	same "$what" "$(grep -c '"type":"alert",.*"id":"function-new"' out)" "$number"
}
learned "nothing new, described" weeks.pcap 0 --set protocols=d
learned "nothing new, inferred" weeks.pcap 0
learned "a new function, inferred" attack.pcap 1
says out "0x50002"
learned "a new function, described" attack.pcap 1 --set protocols=d

# --- inferred: the draft fits what it was drawn from
runs "infer" 0 protocols infer --port 7777 weeks.pcap
says out "length 2 length all"
says out "fixed-0 2 is 4d50"
cp out draft.protocol
runs "the draft fits" 0 protocols check draft.protocol weeks.pcap
runs "nothing to infer" 1 protocols infer meter.pcap
says err "nothing was found"
runs "known, as if not" 0 protocols infer --all weeks.pcap
runs "no such port" 2 protocols infer --port x weeks.pcap

echo "protocols: $passed passed, $failed failed"
[ "$failed" -eq 0 ]

#!/bin/bash
# windows.sh SIGHTGLASS PLAY: Windows endpoints are asked beside a sensor that
# runs: what they say is the sensor's at once, and its kill switch ends it.  The
# sensor's own probe asks the same addresses at the same time: they see one
# request at a time.
. "$(dirname "$0")/lib.sh"
if ! /usr/bin/python3 -c 'import impacket.ntlm, Cryptodome' 2>/dev/null || ! command -v openssl >/dev/null; then
	echo "no python3-impacket, or no openssl: skipped"
	exit 77
fi

pair out mirror
start -i mirror --set active=on --set active.interface=lo
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/key" -out "$dir/pem" -days 30 -subj /CN=HMI-7 2>/dev/null
SEEN=$dir/seen in_ns /usr/bin/python3 "$top/tests/active/winrm_peer.py" "$dir/pem" "$dir/key" https:127.0.0.1:5986 slow:127.0.0.2:5986 >"$dir/peer" 2>&1 &
in_ns python3 "$top/tests/active/device.py" "$dir/seen" >"$dir/device" 2>&1 &
within 5 logged "the engine is ready"
ok "starts" $?
within 5 grep -q ready "$dir/peer"

printf 'Pa$$wörd\n' | "$bin" active windows add -S "$dir/st" -r 127.0.0.1-127.0.0.8 -k hardware -u 'PLANT\Sensör' \
	--owner me --reason test --until "$(date -u -d '+30 days' +%F)" >/dev/null
ok "a range is added to the sensor that runs" $?
[ "$(sql "SELECT count(*) FROM windows_range WHERE sealed LIKE '%Pa%wörd%'")" = 0 ] &&
	[ "$(sql "SELECT count(*) FROM windows_range")" = 1 ]
ok "its password is sealed" $?
until=$(date -u -d '+30 days' +%F)
for range in 127.0.0.1 127.0.0.2; do
	"$bin" active grant -S "$dir/st" -m modbus-identity -r "$range" --owner me --reason test --until "$until" >/dev/null
done
"$bin" active run 1 -S "$dir/st" >/dev/null
in_ns "$bin" active windows scan -S "$dir/st" >"$dir/asked" 2>&1 &
asking=$!
within 20 eval '[ "$(sql "SELECT outcome FROM windows_host")" = answered ]'
ok "an endpoint is asked beside it: $(tail -2 "$dir/asked")" $?
within 12 eval '[ "$(sql "SELECT name || vendor || serial FROM device WHERE name = '"'HMI-7'"'")" = "HMI-7Dell Inc.ABC1234" ]'
ok "what it says is the sensor's" $?
[ "$(sql "SELECT count(*) FROM device_evidence WHERE source = 'asked' AND text = 'ABC1234'")" = 1 ]
ok "as evidence, asked" $?

answered() { [ "$(sql "SELECT outcome FROM asked WHERE ip = '127.0.0.1'")" = answered ]; }
within 15 answered
ok "the probe asks it, too" $?
grep 127.0.0.1 "$dir/seen" | awk '$2 == "asked" { bad = bad || (n++ && $1 - last < 1.99); last = $1 } END { exit bad || n < 6 }'
ok "both together no faster than every two seconds" $?

# the second endpoint does not come to the end of its answer: nobody else asks
# it, and whoever asked it ends in the middle, so it is left alone
slow() { [ "$(grep -c "asked 127.0.0.2" "$dir/seen")" = 4 ]; }
within 15 slow
ok "the second is at work" $?
"$bin" active run 2 -S "$dir/st" >/dev/null
sleep 2.5
slow
ok "the probe waits" $?

# the switch of the running sensor
began=$(date +%s%N)
"$bin" active stop -S "$dir/st" >/dev/null
wait $asking
took=$((($(date +%s%N) - began) / 1000000))
grep -q 'stopped by hand\|asking was stopped' "$dir/asked"
ok "the switch ends it: $(tail -2 "$dir/asked")" $?
[ $took -lt 1000 ]
ok "within $took ms, with what it had to write" $?
in_ns "$bin" active windows scan -S "$dir/st" >"$dir/again" 2>&1
grep -q "asking was stopped" "$dir/again" && ! grep -q answered "$dir/again"
ok "nothing is asked while it is set: $(tail -1 "$dir/again")" $?
"$bin" active resume -S "$dir/st" >/dev/null
"$bin" active run 2 -S "$dir/st" >/dev/null
alone() { [ "$(sql "SELECT count(*) FROM timeline WHERE about = 'grant 2' AND text LIKE '%: 0 requests%0 answers'")" = 1 ]; }
within 5 alone && slow
ok "who was at work when the scan was stopped is left alone" $?
[ "$(sql "SELECT count(*) FROM alert")" = 0 ]
ok "no alert of it" $?

# what only asking shows: a service that was not there before
collected() { # TIME SERVICE...
	printf 'Sightglass-Windows 1\nTime=%s\n\n' "$1"
	shift
	printf '[Win32_Service]\nName=%s\n\n' "$@"
}
collected 2026-01-01T00:00:00Z Spooler >"$dir/one.txt"
collected 2026-01-02T00:00:00Z Spooler PSEXESVC >"$dir/two.txt"
"$bin" active windows import "$dir/one.txt" --address 10.7.7.8 -S "$dir/st" >/dev/null
[ "$(sql "SELECT count(*) FROM alert")" = 0 ]
ok "what is known for the first time is no alert" $?
"$bin" active windows import "$dir/two.txt" --address 10.7.7.8 -S "$dir/st" >/dev/null
raised() { "$bin" alerts -S "$dir/st" | grep -q 'A service is new on a Windows machine'; }
within 5 raised
ok "a new service is an alert" $?
stop
ok "ends with 0" $?
done_all

#!/bin/bash
# windows.sh SIGHTGLASS PLAY: Windows endpoints are asked beside a sensor that
# runs: what they say is the sensor's at once, and its kill switch ends it.
. "$(dirname "$0")/lib.sh"
if ! /usr/bin/python3 -c 'import impacket.ntlm, Cryptodome' 2>/dev/null || ! command -v openssl >/dev/null; then
	echo "no python3-impacket, or no openssl: skipped"
	exit 77
fi

pair out mirror
start -i mirror
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$dir/key" -out "$dir/pem" -days 30 -subj /CN=HMI-7 2>/dev/null
in_ns /usr/bin/python3 "$top/tests/active/winrm_peer.py" "$dir/pem" "$dir/key" https:127.0.0.1:5986 >"$dir/peer" 2>&1 &
within 5 logged "the engine is ready"
ok "starts" $?
within 5 grep -q ready "$dir/peer"

printf 'Pa$$wörd\n' | "$bin" active windows add -S "$dir/st" -r 127.0.0.1-127.0.0.8 -k hardware -u 'PLANT\Sensör' \
	--owner me --reason test --until "$(date -u -d '+30 days' +%F)" >/dev/null
ok "a range is added to the sensor that runs" $?
[ "$(sql "SELECT count(*) FROM windows_range WHERE sealed LIKE '%Pa%wörd%'")" = 0 ] &&
	[ "$(sql "SELECT count(*) FROM windows_range")" = 1 ]
ok "its password is sealed" $?
in_ns "$bin" active windows scan -S "$dir/st" >"$dir/asked" 2>&1 &
asking=$!
within 20 eval '[ "$(sql "SELECT outcome FROM windows_host")" = answered ]'
ok "an endpoint is asked beside it: $(tail -2 "$dir/asked")" $?
within 12 eval '[ "$(sql "SELECT name || vendor || serial FROM device WHERE name = '"'HMI-7'"'")" = "HMI-7Dell Inc.ABC1234" ]'
ok "what it says is the sensor's" $?
[ "$(sql "SELECT count(*) FROM device_evidence WHERE source = 'asked' AND text = 'ABC1234'")" = 1 ]
ok "as evidence, asked" $?

# the second endpoint is at work: the switch of the running sensor
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
[ "$(sql "SELECT count(*) FROM alert")" = 0 ]
ok "no alert of it" $?
stop
ok "ends with 0" $?
done_all

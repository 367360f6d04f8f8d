#!/bin/sh
# packets.sh BUILD_DIR|BINARY RECORD - frames out of what was recorded.  RECORD
# is tests/mirror/record.  Ends with "packets: N passed, N failed".
record=$(realpath "$2")
. "$(dirname "$0")/lib.sh"
plant=$here/../../samples/plant.pcapng

frames() { # FILE: packets in it
	"$bin" read -q --format json "$1" | sed -n 's/.*"type":"summary","files":\[[^]]*\],"packets":\([0-9]*\).*/\1/p'
}
ends() { # FILE: addresses of its conversations
	"$bin" read -q --format json "$1" |
		sed -n 's/^{"type":"conversation","client":"\([^"]*\)".*"server":"\([^"]*\)".*/\1 \2/p' |
		sort -u
}
on() { # WHAT STATUS ARGUMENT...
	what=$1 want=$2
	shift 2
	runs "$what" "$want" packets --state st "$@"
}

runs "read" 0 read -q --state st "$plant"
on "nothing recorded" 1 -o x.pcapng
says err "nothing was recorded"
mkdir st/packets
"$record" "$plant" st/packets
ok "record" $?
[ "$(find st/packets -name '*.pcapng' | wc -l)" -gt 3 ]
ok "segments" $?

on "all" 0 -o all.pcapng
same "all frames" "$(frames all.pcapng)" "$(frames "$plant")"
"$bin" read -q --format json --facts "$plant" | grep '"type":"fact"' | sed 's/"frame":[0-9]*,"file":[0-9]*,//' >want
"$bin" read -q --format json --facts all.pcapng | grep '"type":"fact"' | sed 's/"frame":[0-9]*,"file":[0-9]*,//' >have
cmp -s want have
ok "the same facts" $?
grep -q enp3s0 all.pcapng
ok "the port's name" $?
on "not twice" 1 -o all.pcapng
says err "cannot write all.pcapng"
on "standard output" 0 -o -
same "standard output" "$(wc -c <out)" "$(wc -c <all.pcapng)"

on "between" 0 --between 10.20.0.20,10.20.0.11 -o two.pcapng
same "between" "$(ends two.pcapng)" "10.20.0.20 10.20.0.11"
on "device" 0 --device 10.20.0.12 -o one.pcapng
[ -z "$(ends one.pcapng | grep -v '10\.20\.0\.12')" ]
ok "device: others, too" $?
number=$("$bin" devices --state st -f csv | sed -n '/,10\.20\.0\.12,/s/,.*//p')
on "device by number" 0 --device "$number" -o number.pcapng
[ "$(frames number.pcapng)" -ge "$(frames one.pcapng)" ]
ok "device by number: fewer frames" $?
on "time" 0 --from 2026-01-12T06:00:05Z --until 2026-01-12T06:00:06Z -o time.pcapng
n=$(frames time.pcapng)
[ "$n" -gt 5 ] && [ "$n" -lt 60 ]
ok "time: $n frames" $?
on "another time" 1 --from 2027-01-01 -o no.pcapng
says err "nothing of that time"

number=$("$bin" alerts --state st -f csv --where 'name = s7-stop' | sed -n '2s/,.*//p')
on "alert" 0 --alert "$number" -o alert.pcapng
same "alert" "$(ends alert.pcapng)" "10.20.0.50 10.20.0.13"
"$bin" read -q --format json --facts alert.pcapng | grep -q 'plc stop'
ok "alert: its frame is missing" $?
on "no alert" 1 --alert 9999 -o no.pcapng
says err "there is no alert"
on "no device" 1 --device 9999 -o no.pcapng
says err "there is no device"
on "no address" 1 --device x -o no.pcapng
says err "no address"
on "two questions" 1 --device 10.20.0.12 --alert 1 -o no.pcapng
says err "one of"
runs "no output" 2 packets --state st
says err "--output"
on "damaged" 0 --damaged -o damaged.pcapng
same "damaged" "$(frames damaged.pcapng)" 0

echo "packets: $passed passed, $failed failed"
[ "$failed" -eq 0 ]

#!/bin/bash
# methods.sh SIGHTGLASS MIRROR: the running sensor behind each kind of mirror,
# played by tests/mirror/mirror.c in a network namespace: the devices are
# found, and the verdict is right.
. "$(dirname "$0")/../live/lib.sh"
mirror=$play

pair out in
pair out2 in2

begin() { # OPTION...: a fresh sensor
	rm -rf "$dir/st"
	: >"$dir/log"
	start "$@"
	within 5 logged "the engine is ready"
	ok "$what: starts" $?
	within 3 all_up
	sleep 0.3
}
all_up() { [ "$(in_ns ip -br link | grep -c ' UP ')" -ge 3 ]; }
plays() { # METHOD OUT [word=value...]
	local method=$1 to=$2
	shift 2
	in_ns "$mirror" "$method" "$to" "$sample" "$@" >"$dir/sent"
	sleep 2.2
}
verdict() { # of the point named
	sql "SELECT json_extract(p.value, '\$.$2') FROM live, json_each(live.json) p
		WHERE live.key = 'mirror' AND json_extract(p.value, '\$.name') = '$1'"
}
finds() { # POINT FINDING
	sql "SELECT json_extract(f.value, '\$.id') FROM live, json_each(live.json) p,
		json_each(json_extract(p.value, '\$.findings')) f WHERE live.key = 'mirror'
		AND json_extract(p.value, '\$.name') = '$1'" | grep -qx "$2"
}
is() { # POINT VERDICT
	[ "$(verdict "$1" verdict)" = "$2" ]
	ok "$what: $1 is '$(verdict "$1" verdict)', not '$2': $(sql "SELECT json FROM live WHERE live.key = 'mirror'" | grep -o '"id":"[a-z-]*"' | tr '\n' ' ')" $?
}
has() {
	finds "$1" "$2"
	ok "$what: $2 not found at $1" $?
}
devices() { # at least so many
	within 3 at_least "$1" "SELECT count(*) FROM device"
	ok "$what: $(sql "SELECT count(*) FROM device") devices, not $1" $?
}
packets() { # of the conversation that is polled, whatever the mirror does to it
	sleep 0.5
	kill -TERM "$sensor"
	wait "$sensor"
	sensor=
	n=$(sql "SELECT sum(packets_sent + packets_back) FROM conversation
		WHERE server_ip = '10.20.0.12' AND proto = 'modbus'")
	[ "$n" = "$1" ]
	ok "$what: $n packets counted, not $1" $?
}

what=span
begin -i in
plays span out
devices 10
is in good
packets 45

what="both directions"
begin -i in
plays both out
devices 10
is in warning
has in duplicates
packets 45

what="multicast repeated"
begin -i in
plays groups out
devices 10
has in duplicates-multicast
packets 45

what="one direction"
begin -i in
plays one-way out times=3
is in bad
has in one-way
stop

what="no promiscuous port group"
begin -i in --set port.in.kind=esxi
plays deaf out times=10
is in bad
has in esxi-promiscuous
stop
what="no mirroring destination"
begin -i in --set port.in.kind=hyper-v
plays deaf out times=10
has in hyper-v-mirroring
stop

what=rspan
begin -i in --set port.in.kind=rspan --set port.in.rspan.vlan=900
plays rspan out vlan=900
devices 10
is in good
is "RSPAN VLAN 900" good
[ "$(sql "SELECT count(*) FROM conversation WHERE vlan = 900")" = 0 ]
ok "$what: the mirror's VLAN is taken for a device's" $?
packets 45

for type in 1 2 3; do
	what="erspan $type"
	begin -i in --set port.in.kind=erspan --set "port.in.erspan.7=press" \
		--set port.in.address=10.9.0.1/24
	mac=$(in_ns cat /sys/class/net/in/address)
	plays erspan$type out session=7 mac="$mac"
	devices 10
	[ "$type" = 1 ] || is press good
	[ "$type" != 1 ] || has "ERSPAN of 10.9.0.2" tunnel-unnumbered
	[ "$(live ports '$.ports[0].sent')" -le 2 ]
	ok "$what: the port answers the tunnel" $?
	packets 45
done

what="erspan, another session, and losses"
begin -i in --set port.in.kind=erspan --set "port.in.erspan.7=press"
plays erspan2 out session=8 lose=10
has "ERSPAN session 8 of 10.9.0.2" unknown-session
has "ERSPAN session 8 of 10.9.0.2" tunnel-loss
[ "$(verdict "ERSPAN session 8 of 10.9.0.2" lost.tunnel)" -ge 30 ]
ok "$what: $(verdict "ERSPAN session 8 of 10.9.0.2" lost.tunnel) lost" $?
devices 8
stop

what=tap
begin -i in --set port.in.kind=tap
plays tap out damage=12
devices 8
has in damaged
stop

what="tap, two ports"
begin -i in -i in2 --set port.in.kind=tap-rx --set port.in2.kind=tap-tx
plays tap-two out,out2
devices 10
is in good
is in2 good
packets 45

what="tap, one of two"
begin -i in -i in2 --set port.in.kind=tap-rx --set port.in2.kind=tap-tx
plays one-way out times=3
has in2 tap-half-silent
has in one-way
stop

what="tags taken off, cut, lost"
begin -i in
plays cut out
has in cut
stop
begin -i in
plays span out lose=15 times=2
has in switch-loss
stop

what=packets
begin -i in
plays span out
"$bin" packets --state "$dir/st" -o "$dir/all.pcapng" 2>"$dir/told"
grep -q '^356 frames$' "$dir/told"
ok "$what: $(cat "$dir/told")" $?
pid=$(pid_of recorder)
kill -9 "$pid"
within 3 eval '[ -n "$(pid_of recorder)" ] && [ "$(pid_of recorder)" != "$pid" ]'
ok "$what: the recorder is back" $?
plays span out
rm -f "$dir/all.pcapng"
"$bin" packets --state "$dir/st" -o "$dir/all.pcapng" 2>"$dir/told"
[ "$(sed 's/ .*//' "$dir/told")" -ge 712 ]
ok "$what: after a kill $(cat "$dir/told")" $?
number=$(sql "SELECT number FROM alert WHERE slug = 's7-stop'")
"$bin" packets --state "$dir/st" --alert "$number" -o "$dir/alert.pcapng" 2>/dev/null
"$bin" read -q --format json --facts "$dir/alert.pcapng" | grep -q 'plc stop'
ok "$what: of an alert" $?
grep -q '^CapEff:	0000000000000000$' "/proc/$(pid_of recorder)/status" &&
	grep -q '^Seccomp:	2$' "/proc/$(pid_of recorder)/status"
ok "$what: the recorder is locked in" $?
stop

done_all

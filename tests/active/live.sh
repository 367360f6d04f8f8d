#!/bin/bash
# live.sh SIGHTGLASS PLAY: a running sensor asks devices that are in a network
# namespace of their own, behind its management interface.
. "$(dirname "$0")/../live/lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
plant=${ns}p
ip netns add "$plant"
leave()
{
	pids=$(ip netns pids "$plant" 2>/dev/null) && [ -n "$pids" ] && kill -9 $pids
	ip netns del "$plant" 2>/dev/null
	cleanup
}
trap leave EXIT
pair mirror player
in_ns ip link add manage type veth peer name devices netns "$plant"
in_ns ip addr add 10.9.0.1/24 dev manage
in_ns ip link set manage up
ip -n "$plant" link set devices up
for i in 2 3 53 54 55 56 57 58; do
	ip -n "$plant" addr add "10.9.0.$i/24" dev devices
done
ip netns exec "$plant" python3 "$here/device.py" "$dir/seen" >"$dir/device" &
within 5 grep -q ready "$dir/device"
until=$(date -u -d '+30 days' +%F)
active() { in_ns "$bin" active "$@" -S "$dir/st"; }
outcome() { sql "SELECT outcome FROM asked WHERE ip = '$1' AND method = '$2'"; }
answered() { [ "$(outcome "$1" "$2")" = answered ]; }
probes() { [ "$(pid_of probe)" != "" ]; }
no_probe() { ! probes; }

start -i mirror --set active=on --set active.interface=manage --set web.port=18443
within 20 watching
ok "the sensor starts" $?
no_probe
ok "no probe without a grant" $?

# --- 1: the kill switch, three ways
for i in 53 54 55 56 57 58; do
	active grant -m reverse-dns -r 10.1.2.7 --server "10.9.0.$i" --owner me --reason test --until "$until" >/dev/null
done
within 10 probes
ok "a grant starts the probe" $?
secret=$(grep -o '[A-Z0-9]\{5\}\(-[A-Z0-9]\{5\}\)\+' "$dir/log" | head -1)
in_ns python3 "$here/kill.py" "$bin" "$dir/st" "$dir/seen" 18443 "$secret" "$sensor" >"$dir/kills" 2>&1
while read -r ms way; do
	[ "$ms" -lt 100 ] 2>/dev/null
	ok "stopped by the $way within 100 ms: $ms" $?
done <"$dir/kills"
[ "$(wc -l <"$dir/kills")" = 3 ]
ok "three ways to stop: $(cat "$dir/kills")" $?
[ "$(sql "SELECT count(*) FROM timeline WHERE what = 'ask' AND about = 'all' AND text LIKE 'stopped%'")" -ge 3 ]
ok "each is in the timeline" $?

# --- 2: by schedule, and what comes of it; killed in the middle
active grant -m modbus-identity -r 10.9.0.2-10.9.0.3 --every 24 --owner me --reason test --until "$until" >/dev/null
within 12 grep -q 'asked 10.9.0.2' "$dir/seen"
ok "what is due is asked by itself" $?
kill -9 "$(pid_of probe)"
sleep 1
within 5 probes
ok "a probe that was killed is started again" $?
active run 7 >/dev/null
within 20 eval '[ -n "$(outcome 10.9.0.3 modbus-identity)" ]'
ok "asked again: $(outcome 10.9.0.2 modbus-identity); $(outcome 10.9.0.3 modbus-identity)" $?
awk '$2 == "asked" { if ($3 in last && $1 - last[$3] < 1.99) exit 1; last[$3] = $1 }' "$dir/seen"
ok "never faster than every two seconds, also after the kill" $?

# --- 3: without a right to ping for everybody
in_ns sysctl -qw net.ipv4.ping_group_range='1 0'
active grant -m icmp-echo -r 10.9.0.2 --once 2020-01-01 --owner me --reason test --until "$until" >/dev/null
within 12 answered 10.9.0.2 icmp-echo
ok "ICMP by a socket of main's: $(outcome 10.9.0.2 icmp-echo)" $?
if command -v tshark >/dev/null; then
	pinged() { [ "$(tshark -r "$dir/st/asked.pcapng" -Y 'icmp.type == 0' 2>/dev/null | wc -l)" = 1 ]; }
	within 10 pinged &&
		! tshark -r "$dir/st/asked.pcapng" -Y '_ws.malformed or icmp.checksum.status == "Bad"' 2>/dev/null | grep -q .
	ok "what was sent and received is in asked.pcapng" $?
fi

# --- 4: no grant, no probe
active revoke 1 2 3 4 5 6 7 8 >/dev/null
within 5 no_probe
ok "the probe ends with the last grant" $?
stop
ok "the sensor ends well" $?
done_all

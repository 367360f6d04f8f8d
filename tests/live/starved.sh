#!/bin/bash
# starved.sh SIGHTGLASS PLAY: no room on the disk, the console's port taken, no
# right to open a port, settings that are wrong: it says so, and watches.
. "$(dirname "$0")/lib.sh"

pair out mirror
sends() { in_ns "$play" out "$sample" >/dev/null; }
counted() { at_least "$1" "SELECT json_extract(json, '\$.frames') FROM live WHERE key = 'traffic'"; }

# --- the console's port is another's, who goes away later
ip netns exec "$ns" python3 -c 'import socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", 8443)); s.listen(1); open("'"$dir"'/taken", "w"); time.sleep(60)' &
taker=$!
within 10 test -e "$dir/taken"
start -i mirror
within 5 logged "the sensor watches without its console"
ok "a port that is taken is said" $?
within 5 logged "the engine is ready"
ok "and it watches" $?
sends
within 4 counted 356
ok "all frames: $(live traffic '$.frames')" $?
kill "$taker"
wait "$taker" 2>/dev/null
within 12 logged "the web is ready"
ok "the console comes when the port is free" $?
stop
ok "ends with 0" $?

# --- no room
: >"$dir/log"
rm -rf "$dir/st"
mkdir "$dir/st"
mount -t tmpfs -o size=1m none "$dir/st" || { done_all; }
start -i mirror --set web=off
within 5 logged "the engine is ready"
ok "starts with little room" $?
dd if=/dev/zero of="$dir/st/filler" bs=64k count=64 2>/dev/null
sends
within 8 logged "no room on the disk"
ok "no room is said" $?
sends
kill -0 "$sensor"
ok "and it watches" $?
mount -o remount,size=64m "$dir/st"
rm "$dir/st/filler"
within 8 logged "the state is written again"
ok "room again is said" $?
within 5 at_least 4 "SELECT count(*) FROM alert"
ok "what waited is written: $(sql 'SELECT count(*) FROM alert') alerts" $?
within 4 counted 712
ok "no frame was lost: $(live traffic '$.frames')" $?
stop
ok "ends with 0 after that" $?
[ "$(sqlite3 "$dir/st/state.db" 'PRAGMA integrity_check')" = ok ]
ok "the database is whole" $?
umount "$dir/st"

# --- settings that are wrong in part; a reload that is wrong changes nothing
: >"$dir/log"
printf 'web.prot = 1\nkeep.alerts = 30\n' >"$dir/conf"
start -i mirror --config "$dir/conf" --set web=off
within 5 logged "$dir/conf:1: web.prot: no such setting; did you mean web.port?"
ok "a wrong line is said" $?
within 5 logged "the engine is ready"
ok "the others count, and it watches" $?
kill -HUP "$sensor"
within 3 logged "nothing was changed: the sensor goes on as it was"
ok "a reload with a mistake changes nothing" $?
printf '[port extra]\nname = Extra\n' >"$dir/conf"
pair far extra
kill -HUP "$sensor"
within 5 logged "the settings were read again"
ok "one without takes effect" $?
sleep 1
in_ns "$play" far "$sample" >/dev/null
named() { [ "$(sql "SELECT count(*) FROM live, json_each(live.json, '\$.ports') AS p WHERE live.key = 'ports' AND json_extract(p.value, '\$.name') = 'Extra' AND json_extract(p.value, '\$.frames') >= 356")" = 1 ]; }
within 5 named
ok "a new port is watched without a restart" $?
stop
ok "ends with 0 with two ports" $?

# --- without the right
: >"$dir/log"
chmod 777 "$dir"
cp "$bin" "$dir/sightglass"
ip netns exec "$ns" setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all --bounding-set=-all \
	"$dir/sightglass" run -i mirror --set state="$dir/st2" --set runtime="$dir/rt2" 2>"$dir/log"
[ $? -eq 1 ] && logged "setcap cap_net_raw,cap_net_admin+ep"
ok "without the right it says which command grants it" $?

done_all

#!/bin/bash
# kills.sh SIGHTGLASS PLAY [KILLS [PACKETS A SECOND]]: engine, keeper and web
# are killed at random under load.  Afterwards every packet is accounted for,
# the database is whole, and no alert is gone that had been shown.
. "$(dirname "$0")/lib.sh"
kills=${3:-20} rate=${4:-5000}
arrived() { in_ns cat /sys/class/net/mirror/statistics/rx_packets; }

pair out mirror
start -i mirror --set capture.ring=32M
within 10 logged "the engine is ready"
ok "starts" $?
seconds=$((kills * 6 / 10 + 20))
ip netns exec "$ns" "$play" out "$sample" "$rate" $((rate * seconds)) >"$dir/sent" &
player=$!

# what had been shown: number, fold and text of each alert
shown() { sql "SELECT number || '|' || fold || '|' || slug FROM alert ORDER BY number"; }
some_shown() { [ -n "$(shown)" ]; }
within 10 some_shown
ok "there are alerts that may be lost" $?
: >"$dir/shown"
roles=(engine keeper web engine keeper)
slowest=0 n=0
while [ "$n" -lt "$kills" ]; do
	role=${roles[RANDOM % 5]}
	pid=$(pgrep -f -P "$sensor" -- "--role=$role" | head -1)
	if [ -z "$pid" ]; then
		sleep 0.05
		continue
	fi
	[ $((n % 5)) -ne 0 ] || shown | sort -u "$dir/shown" - -o "$dir/shown"
	said=$(stat -c %s "$dir/log")
	kill -9 "$pid" 2>/dev/null || continue
	n=$((n + 1))
	since=$(date +%s%N)
	until tail -c +$((said + 1)) "$dir/log" | grep -q "the $role is ready"; do
		sleep 0.01
		[ $((($(date +%s%N) - since) / 1000000)) -lt 5000 ] || break
	done
	took=$((($(date +%s%N) - since) / 1000000))
	echo "$took" >>"$dir/took"
	[ "$took" -le "$slowest" ] || slowest=$took
	sleep 0.$((RANDOM % 5 + 1))
done
[ "$slowest" -lt 1000 ]
ok "each is ready again in under a second: the slowest after $slowest ms" $?
ok "$n kills" 0
p99=$(sort -n "$dir/took" | awk '{ t[NR] = $1 } END { i = int(NR * 0.99); print t[i ? i : 1] }')
kill -0 "$sensor"
ok "the sensor runs" $?
kill "$player" 2>/dev/null
wait "$player" 2>/dev/null
within 5 watching
ok "it watches" $?
sleep 3 # the ring is read to its end

got=$(arrived)
frames=$(live traffic '$.frames') dropped=$(live traffic '$.dropped')
aside=$(live ports '$.ports[0].set_aside')
echo "kills.sh: $n kills, $got packets arrived: $frames looked at ($aside of them set aside), $dropped dropped by the kernel and counted; ready again after $p99 ms (99 of 100), $slowest ms at most"
[ "$got" -gt 0 ] && [ "$got" -eq $((frames + dropped)) ]
ok "no packet is unaccounted for: $got arrived, $((frames + dropped)) counted" $?
shown | sort -u >"$dir/now"
[ -s "$dir/shown" ] && [ -z "$(comm -23 "$dir/shown" "$dir/now")" ]
ok "no alert is gone that was shown" $?
stop
ok "ends with 0" $?
[ "$(sqlite3 "$dir/st/state.db" 'PRAGMA integrity_check')" = ok ]
ok "the database is whole" $?
[ -z "$(sqlite3 "$dir/st/state.db" 'PRAGMA foreign_key_check')" ]
ok "and hangs together" $?
[ -z "$(sqlite3 "$dir/st/state.db" 'SELECT fold FROM alert WHERE status <> "closed" GROUP BY fold HAVING count(*) > 1')" ]
ok "no alert is there twice" $?
done_all

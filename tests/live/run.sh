#!/bin/bash
# run.sh SIGHTGLASS PLAY: the sensor watches an interface of a namespace: what
# is seen is soon in the store, and it goes on whatever is missing.
. "$(dirname "$0")/lib.sh"

pair out mirror
start -i mirror
within 5 logged "the engine is ready"
ok "starts" $?

# --- devices within two seconds, alerts within one, and all frames counted
since=$(date +%s%N)
in_ns "$play" out "$sample" >/dev/null
within 3 at_least 10 "SELECT count(*) FROM device"
ok "devices within seconds" $?
within 3 at_least 3 "SELECT count(*) FROM alert"
ok "alerts within seconds" $?
took=$((($(date +%s%N) - since) / 1000000))
[ "$took" -lt 4000 ]
ok "devices and alerts after $took ms" $?
within 3 at_least 356 "SELECT json_extract(json, '\$.frames') FROM live WHERE key = 'traffic'"
ok "every frame is counted: $(live traffic '$.frames')" $?
[ "$(live ports '$.ports[0].sent')" = 0 ]
ok "the port sends nothing" $?
for role in engine keeper; do
	grep -q '^CapEff:	0000000000000000$' "/proc/$(pid_of $role)/status" &&
		grep -q '^NoNewPrivs:	1$' "/proc/$(pid_of $role)/status" &&
		grep -q '^Seccomp:	2$' "/proc/$(pid_of $role)/status"
	ok "the $role is locked in" $?
done
[ "$(ls -l "/proc/$(pid_of engine)/fd" | grep -c 'socket:')" -le 4 ]
ok "the engine's sockets: leash, keeper, port" $?

# --- an interface that goes and comes back, another that comes later
in_ns ip link set mirror down
within 5 logged "mirror: "
ok "an interface that is down is said" $?
in_ns ip link set mirror up
sleep 1
before=$(live traffic '$.frames')
in_ns "$play" out "$sample" >/dev/null
within 5 at_least $((before + 356)) "SELECT json_extract(json, '\$.frames') FROM live WHERE key = 'traffic'"
ok "it is watched again: $before, $(live traffic '$.frames')" $?

# --- each process is killed, and the others go on
for role in engine keeper engine keeper; do
	pid=$(pid_of $role)
	kill -9 "$pid"
	within 2 eval "[ \"\$(pid_of $role)\" != $pid ] && [ -n \"\$(pid_of $role)\" ]"
	ok "the $role is back" $?
done
within 5 eval '[ "$(live processes "$.keeper.deaths")" = 2 ]'
ok "their deaths are counted" $?
before=$(live traffic '$.frames')
in_ns "$play" out "$sample" >/dev/null
within 5 at_least $((before + 356)) "SELECT json_extract(json, '\$.frames') FROM live WHERE key = 'traffic'"
ok "frames are counted as before: $before, $(live traffic '$.frames')" $?

# --- people ask, and what they decide counts and is written
ask() { # JSON: the answer
	python3 -c 'import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(10)
s.connect(sys.argv[1])
s.sendall(sys.argv[2].encode() + b"\n")
print(s.makefile().readline())' "$dir/rt/control" "$1" 2>/dev/null
}
ask '{"verb": "mode.get"}' | grep -q '"ok":true'
ok "is asked for its mode" $?
ask '{"verb": "alerts.close", "numbers": [1]}' | grep -q '"ok":true'
ok "closes an alert" $?
[ "$(sql 'SELECT status FROM alert WHERE number = 1')" = closed ]
ok "which is written when it is answered" $?
[ "$(sql "SELECT who FROM timeline WHERE what = 'close'")" = "cli:$(id -un)" ]
ok "with who did it" $?
"$bin" alerts comment 2 'looked at' -S "$dir/st" >/dev/null &&
	[ "$(sql "SELECT text FROM comment WHERE alert = 2")" = 'looked at' ]
ok "the command line asks the sensor that runs" $?
in_ns python3 -c 'import http.server
class P(http.server.BaseHTTPRequestHandler):
	server_version = "PumpWeb/2.1"
	def do_GET(self): self.send_response(200); self.end_headers()
http.server.HTTPServer(("127.0.0.1", 18080), P).serve_forever()' 2>/dev/null &
web=$!
sleep 1
"$bin" active grant -S "$dir/st" -m http-title -r 127.0.0.1 -p 18080 --owner me --reason test \
	--until "$(date -u -d '+30 days' +%F)" >/dev/null
in_ns "$bin" active run -S "$dir/st" >"$dir/asked" 2>&1
ok "devices are asked beside it: $(tail -1 "$dir/asked")" $?
within 12 eval '[ -n "$(sql "SELECT 1 FROM device_evidence WHERE source = '"'asked'"' AND text LIKE '"'PumpWeb%'"'")" ]'
ok "what they answer is the sensor's" $?
[ "$(sql "SELECT count(*) FROM alert WHERE source_ip = '127.0.0.1'")" = 0 ]
ok "and no alert" $?
kill $web
ask '{"verb": "alerts.close", "numbers": [99999]}' | grep -q '"ok":false'
ok "what is not there is refused" $?
ask 'nonsense' | grep -q '"ok":false'
ok "nonsense is refused" $?
ask '{"verb": "networks.add", "network": "10.20.0.0/24", "ot": true}' | grep -q '"ok"'
ok "is asked for networks" $?
kill -9 "$(pid_of engine)"
ask '{"verb": "mode.get"}' | grep -q '"ok"'
ok "an answer comes even while the engine starts" $?
within 3 watching
sleep 0.5

# --- console and API
curl_() { in_ns curl -sk --max-time 10 "$@"; }
[ "$(curl_ -o /dev/null -w '%{http_code}' https://127.0.0.1:8443/healthz)" = 200 ]
ok "the console answers" $?
kill -9 "$(pid_of web)"
within 4 eval '[ "$(curl_ -o /dev/null -w "%{http_code}" https://127.0.0.1:8443/healthz)" = 200 ]'
ok "and is back when it was killed" $?

# --- a second sensor is refused, and leaves the first alone
in_ns "$bin" run -i mirror --set state="$dir/st" --set runtime="$dir/rt" --set user= >"$dir/second" 2>&1
[ $? -eq 1 ] && grep -q "another sensor answers" "$dir/second"
ok "a second one is refused" $?

# --- settings are read again
kill -HUP "$sensor"
within 3 logged "the settings were read again"
ok "reloads" $?

# --- and changed by people: at once, in every process, without a restart
pids=$(pid_of engine)
"$bin" settings set log.level=info keep.alerts=30 -S "$dir/st" >/dev/null
ok "settings are changed" $?
within 3 eval '[ "$(grep -c "the settings were read again" "$dir/log")" -ge 2 ]'
ok "and read at once" $?
grep -q 'keep.alerts = "30"' "$dir/st/settings.conf"
ok "and kept for the next start" $?
[ "$(pid_of engine)" = "$pids" ]
ok "the engine goes on" $?
"$bin" settings set keep.alerts=0 -S "$dir/st" 2>/dev/null
[ $? -eq 2 ]
ok "what is out of bounds is refused" $?
"$bin" settings reset log.level -S "$dir/st" >/dev/null
within 3 eval '[ "$(grep -c "the settings were read again" "$dir/log")" -ge 3 ]'
ok "taken back, it is as the options say" $?

# --- it ends well, and goes on where it was
alerts=$(sql "SELECT count(*) FROM alert")
stop
ok "ends with 0" $?
[ ! -s "$dir/st/lock" ]
ok "the state is closed" $?
[ "$(sqlite3 "$dir/st/state.db" 'PRAGMA integrity_check')" = ok ]
ok "the database is whole" $?
[ ! -e "$dir/rt/control" ]
ok "the control socket is gone" $?
[ -s "$dir/st/ledger.pub" ] && [ "$(stat -c %a "$dir/st/ledger.key")" = 600 ]
ok "the ledger has its key" $?
[ "$(sqlite3 "$dir/st/state.db" "SELECT json_extract(json, '$.ports[0].protocols.modbus.understood') > 0 FROM live WHERE key = 'ledger.now'")" = 1 ]
ok "the ledger's hour is written" $?
seen=$(sqlite3 "$dir/st/state.db" "SELECT json_extract(json, '$.ports[0].frames') FROM live WHERE key = 'ledger.now'")
# as if that hour had passed
sqlite3 "$dir/st/state.db" "UPDATE live SET json = json_set(json, '$.begin', json_extract(json, '$.begin') - 3600000000000) WHERE key = 'ledger.now'"
: >"$dir/log"
start -i mirror -i later
within 5 logged "the engine is ready"
ok "starts again, with an interface that is not there" $?
within 8 at_least 1 "SELECT count(*) FROM ledger_hour"
ok "an hour that is over is signed" $?
[ "$(sql "SELECT json_extract(json, '$.ports[0].frames') FROM ledger_hour")" = "$seen" ]
ok "with what was seen in it: $seen" $?
"$bin" ledger verify --state "$dir/st" >"$dir/verify" && grep -q '^1 records, 1 to 1: none was changed' "$dir/verify"
ok "the ledger is verified" $?
[ "$(sql 'SELECT count(*) FROM alert')" = "$alerts" ]
ok "with its alerts" $?
pair far later
within 5 logged "later: is watched"
ok "the interface has come" $?
before=$(live 'ports' '$.ports[1].frames')
in_ns "$play" far "$sample" >/dev/null
within 5 at_least $((${before:-0} + 356)) "SELECT json_extract(json, '\$.ports[1].frames') FROM live WHERE key = 'ports'"
ok "it is watched" $?
stop
ok "ends again with 0" $?

# --- a state that cannot be written: it watches, and says so
: >"$dir/log"
mkdir "$dir/ro"
: >"$dir/ro/st" # a file where the folder should be
start -i mirror --set state="$dir/ro/st"
within 5 logged "what is seen is not kept until it can"
ok "an unwritable state is said" $?
within 5 logged "the engine is ready"
ok "and it watches all the same" $?
rm "$dir/ro/st"
within 12 logged "the engine goes on from it"
ok "and keeps once it can" $?
stop
ok "ends with 0 after that" $?

done_all

#!/bin/bash
# settings.sh SIGHTGLASS PLAY: what is changed while the sensor runs: capture
# filters, tried on live traffic first; described protocols; a certificate.
. "$(dirname "$0")/lib.sh"

pair out mirror
conf=$dir/sightglass.conf
printf 'keep.packets = 0\nweb = off\n[port mirror]\nname = Hall\n' >"$conf"
filter() { "$bin" mirror filter -S "$dir/st" "$@" 2>&1; }
engine() { pid_of engine; }
plays() { # FRAMES
	in_ns "$play" out "$sample" 8000 "$1" >/dev/null
}

start -c "$conf"
within 5 watching
ok "starts" $?

# --- tried on what passes
plays 12000 &
player=$!
sleep 0.2
filter --seconds 1 'port = 502' >"$dir/out"
wait $player
grep -q '^Of what passed in 1 s ([1-9][0-9]* packets' "$dir/out"
ok "live traffic is looked at: $(head -1 "$dir/out")" $?
share=$(sed -n 's/^  this condition *\([0-9]*\)\..*/\1/p' "$dir/out")
[ "${share:-0}" -ge 5 ] && [ "$share" -le 40 ]
ok "and what a condition would leave out of it: $share %" $?
filter --seconds 1 'op = 5' | grep -qF 'cannot ask for op'
ok "a condition that cannot be is refused" $?
! grep -q '^  filter' "$dir/out"
ok "none is set" $?

# --- they count without a restart
pid=$(engine)
: >"$dir/log"
sed -i '1i filter.exclude = nonsense = 5' "$conf"
kill -HUP "$sensor"
within 3 logged "nothing was changed"
ok "one that is none is refused" $?
"$bin" check-config "$conf" >"$dir/out" 2>&1
[ $? -ne 0 ] && grep -qF filter.exclude "$dir/out"
ok "by check-config, too: $(cat "$dir/out")" $?
: >"$dir/log"
sed -i '1s/.*/filter.exclude = client = 10.20.0.50\nfilter.baseline = port = 502\nfilter.alerts = via = udp/' "$conf"
kill -HUP "$sensor"
within 3 logged "the settings were read again"
ok "others are taken" $?
seen() { sql "SELECT sum(count) FROM alert WHERE source_ip = '10.20.0.50'"; }
within 5 at_least 12000 "SELECT json_extract(json, '\$.frames') FROM live WHERE key = 'traffic'"
sleep 0.7 # alerts are written twice a second
before=$(seen)
plays 4000
within 5 at_least 16000 "SELECT json_extract(json, '\$.frames') FROM live WHERE key = 'traffic'"
[ "$(engine)" = "$pid" ]
ok "by the engine that ran: every frame is counted" $?
sleep 0.7
[ "${before:-0}" -gt 0 ] && [ "$(seen)" = "$before" ]
ok "what is left out raises no alerts: $before, $(seen)" $?
plays 12000 &
player=$!
sleep 0.2
filter --seconds 1 --format json >"$dir/out"
wait $player
[ "$(grep -o '"key": *"filter.[a-z]*"\|"key":"filter.[a-z]*"' "$dir/out" | wc -l)" = 3 ]
ok "what each of them leaves out is told" $?

# --- people add others, by what they are about, and take them away
sed -i 1,3d "$conf"
kill -HUP "$sensor"
before=$(seen)
plays 4000
sleep 0.7
[ "$(seen)" -gt "$before" ]
ok "without them there are alerts again: $before, $(seen)" $?
filter --add alerts 'op = 5' | grep -qF 'cannot ask for op'
ok "one that cannot be is refused" $?
filter --add all 'client = 10.20.0.50' | grep -q '^filter 1: not watched: client = 10.20.0.50$'
ok "one is added" $?
filter --add baseline --include 'client in 10.20.0.0/16' >/dev/null
before=$(seen)
plays 12000 &
player=$!
sleep 0.2
filter --seconds 1 >"$dir/out"
wait $player
sleep 0.7
[ "$(seen)" = "$before" ]
ok "it counts at once: $before, $(seen) alerts" $?
share=$(sed -n 's/^  1 exclude all *\([0-9]*\)\..*/\1/p' "$dir/out")
[ "${share:-0}" -ge 1 ] && [ "$share" -le 60 ] && grep -q '^  2 include baseline ' "$dir/out"
ok "how much each leaves out: $(grep '^  [12] ' "$dir/out" | tr '\n' ' ')" $?
[ "$(engine)" = "$pid" ]
ok "by the engine that ran" $?
kill -9 "$pid"
within 3 eval '[ "$(engine)" != "$pid" ] && watching'
before=$(seen)
plays 4000
sleep 1
[ "$(seen)" = "$before" ]
ok "and by the next one" $?
filter --remove 7 | grep -q 'no capture filter 7'
ok "one that is not there is not removed" $?
filter --remove 1 >/dev/null
plays 4000
sleep 0.7
[ "$(seen)" -gt "$before" ]
ok "removed, it counts no more: $before, $(seen)" $?
[ "$(sql "SELECT count(*) FROM timeline WHERE who LIKE 'cli:%' AND about = 'filter 1'")" = 2 ]
ok "the timeline says who" $?
stop
ok "ends" $?

# --- a described protocol, and a certificate of one's own
mkdir "$dir/d"
sed -n '/^```protocol$/,/^```$/p' "$top/docs/describe-a-protocol.md" | grep -v '^```' >"$dir/d/meter.protocol"
cd "$dir" || exit 1
PYTHONPATH=$top/tests/make python3 - <<'END'
from wire import Conn, Host, Wire, be16, be32, pcap
wire = Wire(1700000000)
hmi, meter = Host('02:00:00:00:00:01', '10.0.0.1'), Host('02:00:00:00:00:02', '10.0.0.2')
c = Conn(wire, hmi, meter, 40000, 7777)
for k in range(4):
    c.ask(b'MP' + be16(10) + b'\1\7' + be16(16) + be16(2), b'MP' + be16(14) + b'\1\7' + be32(42 + k) + be32(43))
c.close()
with open('meter.pcap', 'wb') as file:
    file.write(pcap(wire.frames))
END
printf 'cn = "plant.example"\nexpiration_days = 30\n' >template
certtool --generate-privkey --key-type ecdsa --outfile key.pem >certtool 2>&1 &&
	certtool --generate-self-signed --load-privkey key.pem --template template --outfile cert.pem >>certtool 2>&1
ok "a certificate is made" $?
sed -i '1,/^web = off/d' "$conf"
sed -i "1i keep.packets = 0\nprotocols = $dir/d\nweb.certificate = $dir/cert.pem\nweb.key = $dir/key.pem" "$conf"
shown() { in_ns curl -skv --max-time 5 https://127.0.0.1:8443/healthz 2>&1 | grep -i 'subject: *CN *= *plant.example'; }
start -c "$conf"
within 5 watching
within 5 shown >/dev/null
ok "the console has the certificate" $?
in_ns "$play" out meter.pcap >/dev/null
within 15 at_least 1 "SELECT count(*) FROM live WHERE key = 'ledger.now' AND json LIKE '%\"meter\"%'"
ok "the described protocol is understood" $?

# --- the console shows settings as they are, also those of the file
curl_() { in_ns curl -sk --max-time 10 -b "$dir/cookies" -c "$dir/cookies" "$@"; }
curl_ -o /dev/null https://127.0.0.1:8443/api/v1/setup -H 'Content-Type: application/json' \
	-d "{\"secret\": \"$(sed -n 's/.*one-time secret \([A-Z0-9-]*\).*/\1/p' "$dir/log" | tail -1)\", \"user\": \"anna\", \"password\": \"quiet river under stones\"}"
shows() { # MEMBER VALUE
	curl_ "https://127.0.0.1:8443/api/v1/$1?limit=200" | grep -qF "$2"
}
shows settings '"key":"keep.alerts","value":90,'
ok "the API tells the settings: $(curl_ 'https://127.0.0.1:8443/api/v1/settings?limit=200' | grep -o '"key":"keep.alerts","value":[0-9]*')" $?
sed -i '1i keep.alerts = 77\nfilter.alerts = vlan = 9' "$conf"
: >"$dir/log"
kill -HUP "$sensor"
within 3 logged "the settings were read again"
within 3 shows settings '"key":"keep.alerts","value":77,'
ok "as they are after the file was changed" $?
shows filters '"condition":"vlan = 9"'
ok "capture filters, too" $?

# --- it may open files of the state, not the folder: another database is shown
# to it by starting it anew
mv "$dir/st/state.db" "$dir/st/other" && cp "$dir/st/other" "$dir/st/state.db"
kill -9 "$(pgrep -f -P "$sensor" -- --role=keeper)"
within 5 logged "the database is another one: the web is started anew"
ok "a database that was put in the place of another is seen" $?
stop
: >"$dir/log"
echo nonsense >"$dir/d/other.protocol"
cp cert.pem key.pem
start -c "$conf"
within 5 watching
within 3 logged "other.protocol"
ok "a description that is none is said, and it watches: $(grep -m1 other.protocol "$dir/log")" $?
within 3 logged "The console's own certificate is used"
ok "so is a key that is none: $(grep -m1 web.certificate "$dir/log")" $?
[ "$(in_ns curl -sk -o /dev/null -w '%{http_code}' https://127.0.0.1:8443/healthz)" = 200 ]
ok "and the console answers" $?
stop
ok "ends again" $?

done_all

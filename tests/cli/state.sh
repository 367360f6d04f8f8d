#!/bin/sh
# state.sh BUILD_DIR|BINARY - a state directory as its users meet it: what
# people decide holds in the next run, every action is in the timeline, and
# nothing is changed by a mistake.  Ends with "state: N passed, N failed".
. "$(dirname "$0")/lib.sh"
plant=$here/../../samples/plant.pcapng

# The commands with the state, and numbers of alerts.
on() { # WHAT STATUS COMMAND ARGUMENT...
	what=$1 want=$2
	command=$3
	shift 3
	runs "$what" "$want" "$command" --state st "$@"
}
number() { # CONDITION: of the first alert
	"$bin" alerts --state st --format csv --sort number --where "$1" |
		sed -n '2s/,.*//p'
}
count() { # CONDITION
	"$bin" alerts --state st --format json --where "$1" 2>/dev/null | wc -l
}
again() { # the same traffic once more; $last: the last number before
	last=$("$bin" alerts --state st -f csv --sort -number -n 1 |
		sed -n '2s/,.*//p')
	on "$1" 0 read -q "$plant"
}

# --- no state, no place for one
for c in alerts mode baseline devices networks names indicators rules timeline; do
	runs "$c without a state" 1 $c --state none
	says err "no state of Sightglass here"
	empty out
done
runs "learn without a state" 1 learn --state none 1
touch plain
runs "the state is a file" 1 read -q --state plain "$plant"
says err "plain"
runs "nowhere to make one" 1 read -q --state /proc/none "$plant"
says err "cannot be made"

# --- what is known beforehand can be said beforehand
runs "a network before all" 0 networks add 10.99.0.0/16 --state before
says err "before is a new state"
runs "a rule before all" 0 rules add exclude x 'name = s7-stop' --state before
empty err
runs "read then" 0 read -q --state before --mode operational "$plant"
runs "alerts then" 0 alerts --state before --where 'name = s7-stop'
says out "no alerts"
runs "networks then" 0 networks --state before
says out "10.99.0.0/16"

# --- reading makes one
on "read" 0 read -q --mode operational "$plant"
says out "(operational)"
on "alerts" 0 alerts
says out "Severity"
all=$(count 'number > 0')
[ "$all" -gt 20 ]
ok "alerts: only $all" $?
on "mode" 0 mode
says out "Mode  operational"
on "mode json" 0 mode --format json
says out '"mode":"operational"'
on "devices" 0 devices --where 'role = plc'
says out "MIXER-1"
on "timeline of the sensor" 0 timeline --all
says out "start"
says out "stop"
says out "operational"
says out "sensor"
same "every alert is in the timeline" \
	"$(grep -c ' alert  *alert ' out)" "$all"

# --- lists
on "mistyped field" 2 alerts --where 'sevrity = major'
says err "did you mean severity?"
says err "  ^"
on "wrong word" 2 alerts --where 'severity = high'
says err "no severity 'high'"
says err "             ^"
on "mistyped order" 2 alerts --sort countt
says err "did you mean count?"
on "no number" 2 alerts --limit many
on "mistyped verb" 2 alerts clsoe 3
says err "did you mean close?"
on "limit" 0 alerts --limit 2 --format csv
same "limit: lines" "$(wc -l <out)" 3
on "either" 0 alerts --where 'either = 10.20.0.15 and protocol = iec104'
says out "10.20.0.15"
lacks out "10.20.0.13"
on "group" 0 alerts --group severity --format csv
says out "severity,count"
on "group too long" 2 alerts --group sev
on "nothing fulfils it" 0 alerts --where 'number > 100000'
says out "no alerts"
on "json" 0 alerts --format json --limit 1
says out '"type":"alert"'

# --- one alert
writer=$(number 'name = modbus-new-writer')
stop=$(number 'name = s7-stop')
on "show" 0 alerts show "$writer"
says out "What to do"
on "show by number" 0 alerts "$writer"
says out "New Modbus writer"
on "show nothing" 2 alerts show
on "show what is not there" 1 alerts show 99999
says err "there is no alert 99999"
on "comment" 0 alerts comment "$writer" 'ticket 4711'
on "comment without text" 2 alerts comment "$writer"
on "severity" 0 alerts severity critical "$writer"
on "severity again" 0 alerts severity critical "$writer"
says out "0 alerts (1 so already)"
on "wrong severity" 2 alerts severity high "$writer"
on "show again" 0 alerts show "$writer"
says out "ticket 4711"
says out "critical"
on "pcap" 0 alerts pcap "$writer" --output w.pcapng
runs "its frames" 0 read w.pcapng
says out "write"
on "pcap over a file" 1 alerts pcap "$writer" --output w.pcapng
says err "File exists"
on "pcap of two" 2 alerts pcap "$writer" "$stop"

# --- what was closed comes again, what was not goes on
on "close, dry" 0 alerts close --dry-run --where 'severity >= warning'
same "nothing was closed" "$(count 'status = closed')" 0
on "close" 0 alerts close --where 'name = modbus-new-writer'
on "close again" 0 alerts close "$writer"
says out "0 alerts (1 so already)"
on "close nothing" 2 alerts close
on "active" 0 alerts active "$stop"
again "read after closing"
same "closed alert raised anew" \
	"$(count "name = modbus-new-writer and number > $last")" 1
same "open alert goes on" "$(count 'name = s7-stop')" 1
on "it goes on" 0 alerts --where "number = $stop and count > 1"
says out "active"

# --- muted is quiet
muted=$(number 'name = cip-service')
on "mute" 0 alerts mute "$muted"
again "read after muting"
same "muted" "$(count "name = cip-service and number > $last")" 0
on "unmute" 0 alerts unmute "$muted"
again "read after unmuting"
same "no longer muted" "$(count "name = cip-service and number > $last")" 1

# --- learned is normal
writer=$(number "name = modbus-new-writer and status = new")
on "what learning would do" 0 learn "$writer" --dry-run
says out "--level 0"
says out "--level 3"
on "a level that is none" 2 learn "$writer" --level 4
on "no such level" 2 learn "$writer" --level 9
on "learn" 0 learn "$writer" --level 3 --reason 'new recipe server'
says out "normal from now on"
on "learned" 0 learn list
says out "new recipe server"
again "read after learning"
same "learned" "$(count "name = modbus-new-writer and number > $last")" 0
same "learned, and closed" \
	"$(count 'name = modbus-new-writer and status != closed')" 0
on "undo what is not there" 1 learn undo 77
says err "there is no 77"
on "undo" 0 learn undo 1
again "read after undoing"
same "undone" "$(count "name = modbus-new-writer and number > $last")" 1
on "learn what is not there" 1 learn 99999
on "learn nothing" 2 learn

# --- what needs no baseline is excluded instead
on "learn a stop" 0 learn "$stop"
says out "excluded for 90 days"
on "learn it again" 0 learn "$stop"
says out "excluded already"
again "read after excluding"
same "excluded" "$(count "name = s7-stop and number > $last")" 0
on "hits" 0 rules --format json
says out '"hits":1'

# --- rules
on "bad rule" 2 rules add exclude x 'name = "device-nwe"'
says err "did you mean device-new?"
says err "         ^"
on "bad field" 2 rules test custom 'proto = modbus and riks = write' "$plant"
says err "did you mean risk?"
on "bad words in a message" 2 rules add custom x 'proto = modbus' \
	-m '{clint} wrote'
on "test custom" 0 rules test custom 'proto = modbus and risk = write' "$plant"
says out "times in"
on "test exclude" 0 rules test exclude 'name = device-new'
says out "alerts fulfil it"
on "add" 0 rules add custom 'Boiler' 'proto = modbus and risk = write' \
	--message '{client} wrote {object}'
again "read with a rule"
same "custom rule" "$(count "title = \"Boiler\" and number > $last")" 1
on "off" 0 rules off 2
on "delete" 0 rules delete 2
on "delete again" 1 rules delete 2

# --- baseline
on "status" 0 baseline
says out "things learned"
on "forecast" 0 baseline forecast
on "review" 0 baseline review
on "preview" 0 baseline preview
on "show" 0 baseline show --entity 10.20.0.11
key=$(awk 'NR == 1 { print $1 }' out)
on "why" 0 baseline why "$key"
on "accept" 0 baseline accept "$key"
on "accepted" 0 baseline show --entity 10.20.0.11
grep -F "$key" out | grep -q user
ok "accept: not by a user" $?
on "deny" 0 baseline deny "$key"
on "unlearn" 0 baseline unlearn "$key"
on "accept nothing" 2 baseline accept
on "accept what is not there" 1 baseline accept 0123456789abcdef
on "mistyped scenario" 2 baseline scenario funtion learning 4
says err "did you mean function?"
on "read under a name" 0 read -q --set 'sensor.name=pump "house"' "$plant"
on "export" 0 baseline export
says out 'as="pump '
cp out one
sed '5s/candidate/learned/;5s/user/learned/' one >two
runs "diff" 0 baseline diff one one
says out "0 new, 0 gone, 0 changed"
sed 5d one >less
runs "diff with less" 0 baseline diff one less
says out "1 gone"
sed '7s/client=1/client=2/' one >forged
on "forged import" 1 baseline import forged
says err "nothing was imported"
on "import of nobody's" 1 baseline import --key state.pub one
says err "state.pub"
cp st/ledger.pub state.pub
echo 0000000000000000000000000000000000000000000000000000000000000000 >other.pub
on "import of another's" 1 baseline import --key other.pub one
says err "another key signed it; nothing was imported"
sed 's/as="/as="x/' one >renamed
on "import under another name" 1 baseline import renamed
says err "the signature does not fit"
on "import" 0 baseline import --key state.pub one
says out "signed by this sensor"
on "export unsigned" 0 baseline export --unsigned
cp out bare
on "import unsigned" 0 baseline import bare
says out "not signed"
on "forget nothing" 2 baseline forget
on "forget" 0 baseline forget --entity 10.20.0.17
on "mistyped mode" 2 mode oprational
on "learning" 0 mode learning
on "too soon" 2 mode operational
says err "--force"
on "forced" 0 mode operational --force

# --- networks, names, indicators
on "network" 0 networks add 10.20.0.9/24 --name 'Cell 1'
says out "10.20.0.0/24 added"
on "public network" 2 networks add 203.0.113.0/24
says err "--inside"
on "ours" 0 networks add 203.0.113.0/24 --inside --it --dhcp
on "no network" 2 networks add 10.20.0.0/33
on "both" 2 networks add 10.9.0.0/16 --ot --it
on "seen" 0 networks seen
says out "Cell 1"
says out "10.20.30.0/24"
on "networks out" 0 networks export
cp out nets
echo '10.30.0.0/16,x,maybe' >>nets
on "bad line" 1 networks import nets
says err "nets: line 4: "
says err "nothing was imported"
sed -i '$s/maybe/no/' nets
on "networks in" 0 networks import nets
on "networks" 0 networks --format csv
says out "10.30.0.0/16,x,0,1,0"
on "network gone" 0 networks delete 10.30.0.0/16
on "network gone again" 1 networks delete 10.30.0.0/16
asked=$(number 'name = name-query')
on "close the query" 0 alerts close "$asked"
on "allowed name" 0 names add '*.plant.example' 'our own'
again "read with an allowed name"
same "allowed name" "$(count "name = name-query and number > $last")" 0
on "port" 0 names add tcp/502 'Boiler gateway'
on "port without a name" 2 names add tcp/503
on "no port" 2 names add tpc/502 x
on "names" 0 names
says out "Boiler gateway"
on "port in an alert" 0 alerts show "$writer"
says out "port 502 (Boiler gateway)"
on "name gone" 0 names delete '*.plant.example'
on "name gone again" 1 names delete '*.plant.example'
again "read without it"
same "no longer allowed" "$(count "name = name-query and number > $last")" 1
printf 'ip,203.0.113.7,c2\nip,nonsense,x\n' >bad.csv
on "bad indicators" 1 indicators import bad.csv
says err "bad.csv: line 2: "
on "none of them" 0 indicators test 203.0.113.7
says out "not listed"
printf 'ip,203.0.113.7,c2\ndomain,*.bad.example,\n' >good.csv
sed -i 's/[*]\.//' good.csv
on "indicators" 0 indicators import good.csv --list cert
on "test" 0 indicators test 203.0.113.7 www.bad.example 198.51.100.1
says out "203.0.113.7: ip 203.0.113.7 of cert: c2"
says out "www.bad.example: domain bad.example of cert"
says out "198.51.100.1: not listed"
on "count" 0 indicators count --format csv
says out "cert,ip,1,0"
printf '198.51.100.0/24\n' >plain.txt
on "replace" 0 indicators import plain.txt --list cert --replace
on "list" 0 indicators --format csv
says out "198.51.100.0/24,cert"
lacks out "203.0.113.7"
printf '10.20.0.11\nmixer-1.plant.example\n' >plant.txt
on "indicators of the sample" 0 indicators import plant.txt
again "read with indicators"
same "indicator" "$([ "$(count "engine = malware and number > $last")" -gt 0 ] &&
	echo found)" found
on "list gone" 0 indicators delete plant.txt
on "list gone again" 1 indicators delete plant.txt

# --- and for one run only
mkdir yara
echo 'rule something { condition: filesize > 0 }' >yara/one.yar
runs "YARA rules" 0 read -q -f json --set malware.rules=yara "$plant"
says out '"id":"content-by-rule"'
runs "no YARA rules" 0 read -q -f json "$plant"
lacks out '"id":"content-by-rule"'
echo 'rule x { condition: $b }' >yara/two.yar
runs "a rule that does not compile" 1 read -q --set malware.rules=yara "$plant"
says err "two.yar:1: "
runs "no such rules" 2 read --set malware.rules=none "$plant"
runs "indicators of a file" 0 read -q -f json \
	--set malware.indicators=plant.txt "$plant"
says out '"engine":"malware"'
runs "bad indicators of a file" 1 read --set malware.indicators=bad.csv "$plant"
says err "bad.csv: line 2: "
runs "no such indicators" 2 read --set malware.indicators=none "$plant"

# --- devices
plc=$("$bin" devices --state st --format csv --where 'name = "MIXER-1"' |
	sed -n '2s/,.*//p')
on "name" 0 devices name 'Mixer' "$plc"
on "mark" 0 devices mark authorized "$plc"
on "mark what" 2 devices mark authorised "$plc"
on "role" 2 devices role robot "$plc"
on "device" 0 devices show "$plc"
says out "Mixer"
says out "plc, Purdue level 1"
on "delete" 0 devices delete "$plc"
on "deleted" 0 devices
lacks out "Mixer"


# merged and split, also after the next run; all of it can be taken back
devices() { # number, addresses, name, important
	"$bin" devices -S st -f csv --sort id | cut -d, -f1-3,18
}
at() { # ADDRESS: the number of its device
	devices | grep -E "^[0-9]+,([^,]* )?$1[ ,]" | cut -d, -f1
}
first=$(at 10.20.0.11) second=$(at 10.20.0.12) third=$(at 10.20.0.15)
on "important" 0 devices mark important "$second"
devices >unmerged
on "merge" 0 devices merge "$first" "$second" "$third"
devices >merged
same "merged" "$(at 10.20.0.11) $(at 10.20.0.12) $(at 10.20.0.15)" \
	"$first $first $first"
grep -q "^$first,.*,1$" merged
ok "what was said of the second goes along" $?
on "one address, and how many more" 0 devices
says out "10.20.0.11 +2"
on "all of them" 0 devices --all
says out "10.20.0.11 10.20.0.12 10.20.0.15"
on "same again" 0 read -q "$plant"
devices | cmp -s - merged
ok "merged devices stay merged" $?
on "undo" 0 devices undo
devices | cmp -s - unmerged
ok "undo: as before the merge" $?
on "redo" 0 devices undo
devices | cmp -s - merged
ok "and merged again" $?
on "split" 0 devices split "$first" 10.20.0.12 10.20.0.15
devices >parted
new=$(at 10.20.0.12)
[ "$new" != "$first" ] && [ "$new" = "$(at 10.20.0.15)" ]
ok "split" $?
on "same again" 0 read -q "$plant"
devices | cmp -s - parted
ok "split devices stay split" $?
on "undo of split" 0 devices undo
devices | cmp -s - merged
ok "undo: as before the split" $?
on "merge with itself" 2 devices merge "$first" "$first"
says err "named twice"
on "merge one" 2 devices merge "$first"
on "merge nobody" 1 devices merge "$first" 9999
on "split what" 2 devices split "$first"
on "split off another's" 1 devices split "$first" 10.20.0.13
on "split off nonsense" 2 devices split "$first" nonsense
on "split off all" 2 devices split "$first" 10.20.0.11 10.20.0.12 10.20.0.15
says err "one must be left"
devices | cmp -s - merged
ok "what is refused changes nothing" $?

# --- a table of devices, out and in again
table() {
	"$bin" devices -S st -f csv --sort id
}
table >as.csv
on "import as exported" 0 devices import as.csv
says out "changed: 0 of "
on "name with everything" 0 devices name "=1+1; \"a\", 'b'" "$first"
on "comment of two lines" 0 devices comment 'one
two' "$first"
table >odd.csv
on "import of odd names" 0 devices import odd.csv
says out "changed: 0 of "
table | cmp -s - odd.csv
ok "export, import, export: the same" $?
on "as found" 0 devices undo
on "as found" 0 devices name '' "$first"
table >as.csv
sed "s/^\($first,[^,]*\),[^,]*,[^,]*,/\1,Kiln,hmi,/" as.csv >new.csv
on "preview" 0 devices import --dry-run new.csv
says out "name '"
says out "' → 'Kiln', role '"
says out "would change: 1 of "
table | cmp -s - as.csv
ok "a preview changes nothing" $?
on "import" 0 devices import new.csv
says out "changed: 1 of "
table | cmp -s - new.csv
ok "export gives what was imported" $?
on "undo of import" 0 devices undo
table | cmp -s - as.csv
ok "undo: as before the import" $?
printf '\357\273\277Address;NAME;Level;important;place\r\n10.20.0.17;"Kiln ""2""";2,5;yes;here\r\n' >sheet.csv
on "as a spreadsheet writes it" 0 devices import sheet.csv
on "taken" 0 devices --where 'name = "Kiln \"2\"" and purdue = 2.5 and important'
on "undo" 0 devices undo
printf 'addresses,name,rolle\n10.20.0.17,x,plc\n' >bad.csv.0
printf 'addresses,role,important\n10.20.0.17,robot,0\n10.9.9.9,plc,0\n10.20.0.14,plc,maybe\n10.20.0.17,plc,1\n' >bad.csv.1
printf 'addresses,name\n10.20.0.17,"open\n' >bad.csv.2
printf 'addresses,name\n10.20.0.17,a,b\n' >bad.csv.3
printf 'name\nx\n' >bad.csv.4
printf 'addresses,name\n10.20.0.17,\377\n' >bad.csv.5
printf '\377\376a\0' >bad.csv.6
: >bad.csv.7
table >as.csv
for i in 0 1 2 3 4 5 6 7; do
	on "bad table $i" 1 devices import bad.csv.$i
	says err "nothing was imported"
	cat err >>bad.err
done
what="bad tables"
for text in "did you mean role?" "line 2, column 2 (role): no role 'robot'" \
	"line 3, column 1 (addresses): no device has '10.9.9.9'" \
	"line 4, column 3 (important): 'maybe' must be yes or no" \
	"is on line 2 already" "4 errors" "line 2: a quote is opened in column 2" \
	"3 cells, but the table has 2 columns" "no column 'addresses' or 'id'" \
	"line 2: not text in UTF-8" "UTF-16" "the table is empty"; do
	says bad.err "$text"
done
table | cmp -s - as.csv
ok "bad tables change nothing" $?

# --- every action is in the timeline, by whom
on "timeline" 0 timeline --format csv --where 'who ~ "cli:*"'
for w in close active mute unmute learn unlearn deny comment device remove rule \
	rule-gone setting mode network name indicator start stop; do
	grep -q ",$w," out
	ok "timeline: no $w" $?
done
"$bin" timeline --state st --format csv --where 'what = alert' >out
grep -q ',sensor,alert,' out
ok "timeline: no alert by the sensor" $?

# --- a second writer, another version, a damaged file
if command -v flock >/dev/null; then
	flock st/lock sleep 8 &
	sleep 0.3
	on "reading beside a writer" 0 alerts
	on "a second writer" 1 alerts close 1
	says err "being written by another process"
	kill $! 2>/dev/null
	wait
fi
cp -r st broken
rm -f broken/state.db-wal broken/state.db-shm
dd if=/dev/zero of=broken/state.db bs=4096 seek=2 count=40 conv=notrunc 2>/dev/null
runs "damaged" 1 alerts --state broken close --where 'number > 0'
says err "damaged"
if command -v python3 >/dev/null; then
	cp -r st later
	python3 -c 'import sqlite3
c = sqlite3.connect("later/state.db")
c.execute("pragma user_version = 99")
c.commit()'
	for c in alerts "read -q $plant"; do
		# shellcheck disable=SC2086
		runs "a later version: ${c%% *}" 1 $c --state later
		says err "newer version"
	done
fi

echo "state: $passed passed, $failed failed"
[ "$failed" -eq 0 ]

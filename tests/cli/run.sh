#!/bin/sh
# run.sh BUILD_DIR|BINARY - the command line as its users meet it: options, exit
# status, formats, bad input.  Ends with "cli: N passed, N failed".
. "$(dirname "$0")/lib.sh"

# Seven packets: a handshake, two registers read, one coil written (Modbus).
base64 -d >modbus.pcap <<'END'
1MOyoQIABAAAAAAAAAAAAP//AAABAAAAAPFTZQAAAAA2AAAANgAAAAIAAAAACwIAAAAACggARQAA
KAABAABABma7CgAACgoAAAvAAAH2AAAAZAAAAABQAiAAuXMAAAHxU2UAAAAANgAAADYAAAACAAAA
AAoCAAAAAAsIAEUAACgAAQAAQAZmuwoAAAsKAAAKAfbAAAAAAfQAAABlUBIgALduAAAC8VNlAAAA
ADYAAAA2AAAAAgAAAAALAgAAAAAKCABFAAAoAAEAAEAGZrsKAAAKCgAAC8AAAfYAAABlAAAB9VAQ
IAC3bwAAA/FTZQAAAABCAAAAQgAAAAIAAAAACwIAAAAACggARQAANAABAABABmavCgAACgoAAAvA
AAH2AAAAZQAAAfVQGCAAtk8AAAABAAAABgEDAAAAAgTxU2UAAAAAQwAAAEMAAAACAAAAAAoCAAAA
AAsIAEUAADUAAQAAQAZmrgoAAAsKAAAKAfbAAAAAAfUAAABxUBggAK9DAAAAAQAAAAcBAwQAAQAC
BfFTZQAAAABCAAAAQgAAAAIAAAAACwIAAAAACggARQAANAABAABABmavCgAACgoAAAvAAAH2AAAA
cQAAAgJQGCAAtzEAAAACAAAABgEFAAP/AAbxU2UAAAAAQgAAAEIAAAACAAAAAAoCAAAAAAsIAEUA
ADQAAQAAQAZmrwoAAAsKAAAKAfbAAAAAAgIAAAB9UBggALclAAAAAgAAAAYBBQAD/wA=
END
gzip -c modbus.pcap >modbus.pcap.gz
head -c 420 modbus.pcap >cut.pcap

# --- the program itself
runs "no command" 2
says err "usage: sightglass COMMAND"
empty out
for a in --help -h help; do
	runs "$a" 0 $a
	says out "read         analyse capture files"
	empty err
done
for a in --version -V version; do
	runs "$a" 0 $a
	grep -qE '^sightglass [0-9]+\.[0-9]+\.[0-9]+$' out
	ok "$a: not a version" $?
done
runs "mistyped command" 2 raed
says err "did you mean read?"
runs "unknown command" 2 frobnicate
says err "see 'sightglass help'"
runs "help of a command" 0 help read
says out "usage: sightglass read"
says out "flows.max"
says out "conversations"
cp out help
runs "help as an option" 0 read --help
cmp -s out help
ok "$what: another text" $?

# --- wrong options
runs "no file" 2 read
says err "which file?"
empty out
runs "mistyped option" 2 read --fromat json modbus.pcap
says err "did you mean --format?"
runs "unknown letter" 2 read -Z modbus.pcap
says err "no option -Z"
runs "letters together" 0 read -aqfjson modbus.pcap
says out '"type":"summary"'
runs "unknown letter among them" 2 read -aZ modbus.pcap
says err "no option -Z"
runs "missing value" 2 read modbus.pcap --format
says err "--format needs a value"
runs "value too many" 2 read --all=yes modbus.pcap
says err "takes no value"
runs "unknown format" 2 read --format xml modbus.pcap
says err "text, json, csv"
runs "unknown table" 2 read --format csv --table device modbus.pcap
says err "did you mean devices?"
runs "facts as text" 2 read --facts modbus.pcap
says err "--facts needs --format json"
runs "table as text" 2 read --table devices modbus.pcap
runs "folder as json" 2 read -f json -o x modbus.pcap
runs "unknown setting" 2 read --set flow.max=100 modbus.pcap
says err "did you mean flows.max?"
runs "setting without value" 2 read --set flows.max modbus.pcap
says err "KEY=VALUE"
for v in 1 -5 x 99999999999999999999 1K ''; do
	runs "flows.max=$v" 2 read --set "flows.max=$v" modbus.pcap
	says err "must be a number from"
done
runs "bad rule" 2 read --set tcp.overlap=both modbus.pcap
says err "first or last"
runs "bad folder" 2 read --set vendors=/nonexistent modbus.pcap
says err "no such folder"
runs "bad mode" 2 read --mode sometime modbus.pcap
says err "must be one of learning, dynamic, operational"
runs "settings" 0 read -q --set flows.max=100 --set flows.memory=4M \
	--set flows.buffer=64K --set tcp.overlap=last --set inventory.max=100 \
	--set conversations.max=100 --set vendors= modbus.pcap

# --- text
runs "text" 0 read modbus.pcap
says out "7 packets"
says out "2 devices (2 industrial), 1 conversation"
says out "100.0 % of 49 B"
says out "write single coil 1 (write)"
says out "read holding registers 1"
lacks out "$(printf '\033')"
empty err
cp out text
runs "again" 0 read modbus.pcap
cmp -s out text
ok "$what: not byte-identical" $?
runs "colour" 0 read --color always modbus.pcap
says out "$(printf '\033[')"
runs "no colour" 0 read --color=never modbus.pcap
cmp -s out text
ok "$what: not the same as to a file" $?
"$bin" read - <modbus.pcap >out 2>err
ok "standard input: status" $?
what="standard input" && says out "standard input: pcap"
runs "dash dash" 0 read -- modbus.pcap
runs "options after files" 0 read modbus.pcap -f json

# --- JSON Lines
runs "json" 0 read --format json modbus.pcap
says out '"type":"device"'
says out '"type":"conversation","client":"10.0.0.10"'
says out '"operations":{"read holding registers":1,"write single coil":1}'
says out '"type":"mirror"'
says out '"type":"ledger","proto":"all"'
says out '"type":"summary"'
lacks out '"type":"fact"'
[ "$(wc -l <out)" -eq 7 ]
ok "json: $(wc -l <out) lines, not 7" $?
cp out json
runs "json again" 0 read --format=json modbus.pcap
cmp -s out json
ok "$what: not byte-identical" $?
runs "facts" 0 read -f json --facts modbus.pcap
says out '"type":"fact","frame":4,'
says out '"kind":"value"'
runs "packed" 0 read -f json modbus.pcap.gz
says out '"format":"pcap (gzip)"'
says out '"packets":7'
runs "two files" 0 read -f json modbus.pcap modbus.pcap.gz
says out '"packets":14'
if command -v python3 >/dev/null; then
	"$bin" read -f json --facts modbus.pcap |
		python3 -c 'import json,sys; [json.loads(l) for l in sys.stdin]'
	ok "json: not every line is JSON" $?
fi

# --- CSV
runs "csv" 0 read --format csv modbus.pcap
says out "id,ip,mac,name,role,purdue"
says out "1,10.0.0.10,02:00:00:00:00:0a"
for t in devices evidence modules conversations operations ledger files packets; do
	runs "csv of $t" 0 read --format csv --table $t modbus.pcap
	cp out $t.one
done
runs "csv folder" 0 read --format csv --output tables modbus.pcap
empty out
for t in devices evidence modules conversations operations ledger files packets; do
	cmp -s tables/$t.csv $t.one
	ok "$what: $t differs from standard output" $?
done
touch plain
runs "csv folder is a file" 3 read --format csv --output plain modbus.pcap
says err "plain"

# --- bad input: what could be read is reported
runs "cut" 1 read -f json cut.pcap
says err "sightglass: cut.pcap: cut short in packet"
says out '"packets":5'
says out '"error":"cut short'
runs "cut as text" 1 read cut.pcap
says out "not read whole: cut short"
says out "5 packets"
runs "one missing" 1 read -f json missing.pcap modbus.pcap
says err "sightglass: missing.pcap: there is no such file"
says out '"packets":7'
runs "folder" 1 read .
says err "is a directory"
echo "this is a text and no capture of anything at all" >note.txt
runs "text file" 1 read note.txt
says err "note.txt: a text file"
: >empty.pcap
runs "empty" 1 read empty.pcap
says err "empty.pcap: empty"
bad=$(printf 'evil\033[31m\nname\377.pcap')
runs "evil name" 1 read -f json -- "$bad"
lacks out "$(printf '\033')"
lacks err "$(printf '\033')"

# --- nowhere to write to
"$bin" read -f json modbus.pcap >/dev/full 2>err
[ $? -eq 3 ]
ok "full disk: status" $?
what="full disk" && says err "cannot write: No space left"
"$bin" protocols >/dev/full 2>err
[ $? -eq 3 ]
ok "full disk, protocols: status" $?
{ "$bin" read -f json --facts modbus.pcap 2>err; } | :
what="closed pipe" && empty err

# --- protocols
runs "protocols" 0 protocols
says out "tcp 502"
runs "protocols json" 0 protocols --format json
says out '"name":"modbus"'
says out '"depth":'
runs "protocols csv" 0 protocols --format csv
says out "name,title,industrial,ports,depth,spec"
runs "protocols too many" 2 protocols modbus
runs "protocols mistyped" 2 protocols --fromat json
says err "did you mean --format?"

# --- the manual and the completion know what there is
tools=$here/../../tools man=$here/../../man/sightglass.1
"$bin" help | sed -n 's/^  \([a-z][a-z-]*\)  *[a-z].*/\1/p' >commands
while read -r c; do
	what="manual of $c"
	grep -q "^\.It Cm $c\$" "$man"
	ok "$what: none" $?
	[ "$c" != help ] && [ "$c" != version ] || continue
	{
		"$bin" help "$c"
		[ "$c" != active ] || "$bin" active windows --help
	} 2>/dev/null |
		sed -n 's/^  *\(-., \)*--\([a-z-]*\).*/\2/p' | sort -u >has
	while read -r o; do
		grep -qE "(Fl|,) -?-$o( |\$)" "$man"
		ok "$what: no --$o" $?
	done <has
	if command -v bash >/dev/null; then
		# shellcheck disable=SC2016
		bash -c '. "$0" && _sightglass_options "$1"' \
			"$tools/completion/sightglass.bash" "$c" |
			tr -s ' \t' '\n' | sed 's/^--//' | sort >completes
		cmp -s has completes
		ok "completion of $c: $(comm -3 has completes | tr '\n' ' ')" $?
	fi
done <commands

echo "cli: $passed passed, $failed failed"
[ "$failed" -eq 0 ]

#!/bin/bash
# run.sh SIGHTGLASS: devices on loopback are asked: real stacks where Debian
# has one (snmpd, pymodbus), and hostile, slow and silent ones (peers.py).
set -euo pipefail
. "$(dirname "$0")/lib.sh"

says() # FILE TEXT
{
	grep -qF -- "$2" "$1"
	ok "$what: no '$2' in $1" $?
}
# free: a port nobody has.
free()
{
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
# grant METHOD RANGE PORT OPTION...: the only one there is.
grant()
{
	local method=$1 range=$2 port=$3
	shift 3
	rm -rf st
	"$bin" active grant -S st -m "$method" -r "$range" -p "$port" --owner test \
		--reason test --until "$(date -u -d '+30 days' +%F)" "$@" >/dev/null 2>&1
}
run()
{
	what=$1
	timeout 60 "$bin" active run -S st >out 2>err && status=0 || status=$?
	ok "$what: status $status" "$status"
}
set +e

dns=$(free) web=$(free) silent=$(free) garbage=$(free) slow=$(free)
python3 "$here/peers.py" "$dns" "$web" "$silent" "$garbage" "$slow" >counted &
peers=$! pids=$peers
sleep 1

grant reverse-dns 10.1.2.5-10.1.2.9 "$dns" --server 127.0.0.1
run "reverse DNS"
says out "10.1.2.5         name         host-5.plant.example"
says out "10.1.2.7         name         host-7.plant.example"
says out "10.1.2.7         answered, 2 answers"
says out "reverse-dns: 6 requests to 5 addresses, 6 answers"

grant http-title 127.0.0.1 "$web"
run "HTTP"
says out "PumpWeb/2.1"

grant modbus-identity 127.0.0.1 "$silent"
run "a silent device"
says out "127.0.0.1        no answer"
says out "1 requests to 1 addresses, 0 answers"

grant modbus-identity 127.0.0.1 "$garbage"
run "garbage"
says out "127.0.0.1        odd answer, left alone"
"$bin" devices -S st | grep -q garbage
ok "garbage is no fact" $((1 - $?))

grant modbus-identity 127.0.0.1 "$slow"
run "a device that becomes slower"
says out "127.0.0.1        answered slower, left alone, 2 answers"
says out "2 requests"

closed=$(free)
grant s7-identity 127.0.0.1 "$closed"
run "nobody there"
says out "127.0.0.1        nobody listens there"

# --- the kill switch: within a tenth of a second, and said
grant modbus-identity 127.1.0.0/20 "$closed"
"$bin" active run -S st >out 2>err &
asking=$!
sleep 1
what="stop"
began=$(date +%s%N)
"$bin" active stop -S st >stopped
wait $asking
took=$((($(date +%s%N) - began) / 1000000))
says stopped stopped
[ $took -lt 400 ]
ok "stop: took $took ms with writing what was found" $?
"$bin" timeline -S st | grep -q "stopped by hand"
ok "stop: is in the timeline" $?

# --- marked devices, ended and absent grants
grant modbus-identity 127.0.0.1 "$slow"
what="no leave"
"$bin" active revoke 1 -S st >/dev/null
"$bin" active run -S st >out 2>err
[ $? -eq 1 ]
ok "no leave: status" $?
says err "no grant may be used now"

# --- real stacks
if command -v snmpd >/dev/null; then
	port=$(free)
	printf 'rocommunity public 127.0.0.1\nsysName sw-1\nsysDescr Hirschmann MACH102 SW: 09.0.08\n' >snmpd.conf
	snmpd -f -Lf snmpd.log -C -c snmpd.conf --persistentDir="$work/snmp" -p snmpd.pid "udp:127.0.0.1:$port" &
	pids="$pids $!"
	sleep 1
	grant snmp-system 127.0.0.1 "$port"
	run "snmpd"
	says out "name         sw-1"
	says out "vendor       Hirschmann"
	says out "firmware     09.0.08"
	"$bin" devices show 1 -S st >shown
	says shown "(asked snmp"

	# version 3: proved and encrypted; the ports of a switch
	port=$(free)
	cat >snmpd3.conf <<-END
		createUser op SHA-256 "authpass-12" AES "privpass-12"
		rouser op priv
		sysName sw-3
		override .1.3.6.1.2.1.17.4.3.1.2.0.128.244.90.16.5 integer 7
		override .1.3.6.1.2.1.17.1.4.1.2.7 integer 10107
		override .1.3.6.1.2.1.31.1.1.1.1.10107 octet_str "Gi1/0/7"
	END
	snmpd -f -Lf snmpd3.log -C -c snmpd3.conf --persistentDir="$work/snmp3" -p snmpd3.pid "udp:127.0.0.1:$port" &
	pids="$pids $!"
	printf 'authpass-12\nprivpass-12\n' >passwords
	printf 'wrongpass-12\nprivpass-12\n' >wrong
	sleep 1
	grant snmp-system 127.0.0.1 "$port" --user op --hash sha256 --passwords wrong
	run "SNMPv3 with a wrong password"
	says out "refused: user or password, left alone"
	says out "2 requests"
	rm -rf st
	"$bin" read --state st "$here/../../samples/plant.pcapng" >/dev/null 2>&1
	"$bin" active grant -S st -m snmp-switch -r 127.0.0.1 -p "$port" --owner test --reason test \
		--until "$(date -u -d '+30 days' +%F)" --user op --hash sha256 --passwords passwords >/dev/null
	run "SNMPv3"
	says out "name         sw-3"
	"$bin" devices show 3 -S st | grep -q 'port: *Gi1/0/7 of switch 127.0.0.1'
	ok "a device has its switch port" $?
	grep -rqa 'authpass-12' st
	ok "the password is nowhere in the state" $((1 - $?))
else
	echo "skipped: no snmpd"
fi
if /usr/bin/python3 -c 'import pymodbus' 2>/dev/null; then
	port=$(free)
	/usr/bin/python3 "$here/modbus_server.py" "$port" >modbus.log 2>&1 &
	pids="$pids $!"
	sleep 2
	grant modbus-identity 127.0.0.1 "$port"
	run "pymodbus"
	says out "vendor       Acme Pumps"
	says out "firmware     3.1.4"
	says out "answered, 3 answers"
else
	echo "skipped: no pymodbus"
fi

# --- what the peers saw: one at a time, and never faster than allowed
kill -TERM $peers
wait $peers 2>/dev/null
what="peers"
awk -v slow="$slow" '$1 == slow && ($3 < 2000 || $4 > 1) { exit 1 }' counted
ok "a device is asked every two seconds at most: $(grep "^$slow " counted)" $?
awk -v dns="$dns" '$1 == dns && ($3 < 190 || $4 > 1) { exit 1 }' counted
ok "a server every fifth of a second: $(grep "^$dns " counted)" $?
if command -v tshark >/dev/null; then
	tshark -r st/asked.pcapng -Y _ws.malformed 2>/dev/null | grep -q .
	ok "tshark: malformed frames" $((1 - $?))
fi
echo "active: $passed passed, $failed failed"
[ $failed -eq 0 ]

#!/bin/bash
# windows.sh SIGHTGLASS WINDOWS_ASK: Windows endpoints on loopback
# (winrm_peer.py), which check each proof of NTLMv2, its binding to the
# certificate and each sealed message by an implementation that is not ours:
# what they say, what they refuse, what hostile ones do; then the command, its
# passwords, tables and files.
set -euo pipefail
asker=$(realpath "$2")
. "$(dirname "$0")/lib.sh"
# the processes may not be looked into, which a leak checker would have to
export ASAN_OPTIONS=detect_leaks=0:${ASAN_OPTIONS:-}

if ! /usr/bin/python3 -c 'import impacket.ntlm, Cryptodome' 2>/dev/null || ! command -v openssl >/dev/null; then
	echo "skipped: no python3-impacket, or no openssl"
	exit 77
fi

says() # FILE TEXT
{
	grep -qF -- "$2" "$1"
	ok "$what: no '$2' in $1: $(tail -3 "$1")" $?
}
silent_on() # FILE TEXT
{
	! grep -qF -- "$2" "$1"
	ok "$what: '$2' in $1" $?
}
set +e

modes="https http gone user few garbage open slow"
n=0
while read -r port; do
	set -- $modes
	shift $n
	n=$((n + 1))
	[ $# -gt 0 ] || { quiet=$port; break; }
	eval "$1=$port"
	peers="${peers-} $1:127.0.0.1:$port"
done < <(python3 -c '
import socket
s = [socket.socket() for i in range(9)]
for x in s: x.bind(("127.0.0.1", 0)); print(x.getsockname()[1])')
for name in own other; do
	openssl req -x509 -newkey rsa:2048 -nodes -keyout $name.key -out $name.pem -days 30 -subj "/CN=$name" 2>/dev/null
done
/usr/bin/python3 "$here/winrm_peer.py" own.pem own.key $peers >counted 2>peers.log &
peer=$! pids=$peer
timeout 20 sh -c 'until grep -q ready counted; do sleep 0.1; done'
pin=$(openssl x509 -in own.pem -outform der | sha256sum | cut -d' ' -f1)
right='Pa$$wörd'

# ---------------------------------------------- without pauses: what they say
ask() # MODE WAY PASSWORD PIN KINDS
{
	what="$1 $5"
	timeout 30 "$asker" 127.0.0.1 "${!1}" "$2" "$3" "$4" "$5" >"ask.$1" 2>err || ok "$what: status $?" 1
}
ask slow https "$right" - os & # takes twelve seconds, meanwhile:
slowly=$!
ask https https "$right" - all
says ask.https "end|answered||proved 1, 19 requests, cut 0|$pin"
says ask.https "os|edition|Microsoft Windows Server 2019 Standard|64-bit"
says ask.https "os|revision|5329|"
says ask.https "hardware|serial number|ABC1234|"
says ask.https "address|00:0C:29:01:02:03|127.0.0.9, fe80::1|"
says ask.https "update|KB5000119|2026-11-03|Security Update"
says ask.https "service|Spooler|Auto, LocalSystem: C:\\Windows\\System32\\spoolsv.exe|Running: Print <Spooler> & Co"
says ask.https "program|SIMATIC WinCC|7.5.2|Siemens AG"
says ask.https "antivirus|Microsoft Defender|on: true, watches: false|4.18.1"
says ask.https "usb|SanDisk Ultra 1.00 4C530001||"
says ask.https "lacks|AntiVirusProduct|"
[ "$(grep -c '^update' ask.https)" -eq 120 ]
ok "all parts of a long enumeration" $?
ask http http "$right" - all
what="sealed as in TLS"
cmp -s <(grep -v ^end ask.https) <(grep -v ^end ask.http)
ok "$what" $?
ask user https "$right" - program
says ask.user "program|SIMATIC WinCC|7.5.2|"
says ask.user "lacks|Win32_InstalledWin32Program|s:Sender: w:AccessDenied"
ask few https "$right" - os
says ask.few "end|forbidden|"
ask garbage http "$right" - os
says ask.garbage "end|odd|"
ask garbage https "$right" - os
says ask.garbage "end|unable|TLS"
ask open http "$right" - os
says ask.open "end|odd|an answer that is not sealed by whom we asked"
silent_on ask.open "edition"
ask https https "$right" "${pin%??}00" os
says ask.https "end|untrusted|"
says ask.https "proved 0, 0 requests"
ask quiet https "$right" - os
says ask.quiet "end|nobody|"

# --------------------------------------------------------------- the command
add() # STATE PORT PASSWORD OPTION...
{
	local state=$1 port=$2 password=$3
	shift 3
	printf '%s\n' "$password" | "$bin" active windows add -S "$state" -p "$port" -u 'PLANT\Sensör' --owner test \
		--reason test --until "$(date -u -d '+30 days' +%F)" "$@" >added 2>err
}
scan() # STATE OUT OPTION...
{
	local state=$1 out=$2
	shift 2
	timeout 60 "$bin" active windows scan -S "$state" "$@" >"$out" 2>"$out.err"
	echo $? >"$out.status"
}
export HOME=$work

add one "$https" "$right" -r 127.0.0.1 -k service -k hardware
what="add"
says added "range 1: 1 address may be asked over WS-Management as PLANT\\Sensör"
scan one one.1 & first=$!
add two "$https" wrong -r 127.0.0.1-127.0.0.3 -k os
scan two two.1 & second=$!
add three "$http" "$right" -r 127.0.0.1 -k os --http
scan three three.1 & third=$!
add four "$https" "$right" -r 127.0.0.1 -k os --trust "$work/other.pem"
scan four four.1 & fourth=$!
add five "$https" "$right" -r 127.0.0.1 -k os --trust "$work/own.pem"
scan five five.1 & fifth=$!
wait $first $second $third $fourth $fifth

what="a scan"
says one.1 "127.0.0.1        answered"
says one.1 "12 known, 12 new, 0 changed, 0 gone"
"$bin" devices -S one >devices
says devices "HMI-7"
"$bin" devices show 1 -S one >device
says device "ABC1234 (asked)"
says device "service: 2 (active windows results 127.0.0.1)"
"$bin" active windows results -S one --format csv >csv
says csv '127.0.0.1,HMI-7,service,CCAgent,"Manual, .\operator: ""C:\Program Files\Siemens\cc.exe""",same,'
grep -aq 'WinCC Agent' one/asked.pcapng
ok "what was asked is kept" $?
for file in one/state.db one/state.db-wal one/asked.pcapng added one.1; do
	! grep -aqE 'Pa\$\$w|NTLMSSP|TlRMTVNT' "$file" 2>/dev/null
	ok "no password, no token in $file" $?
done
[ "$(stat -c %a one/vault.key)" = 600 ]
ok "the key is nobody else's" $?

what="wrong credentials"
says two.1 "it does not take these credentials"
says two.1 "range 1: 3 requests to 1 of 3 addresses, 0 answered; its credentials were refused"
scan two two.2
says two.2.err "127.0.0.1 refused these credentials"
"$bin" active windows -S two >hosts
says hosts "denied"
what="HTTP"
says three.1 "4 known, 4 new"
what="authorities"
says four.1 "its certificate is not the one it should be"
says four.1 "0 requests to 0 of 1 addresses"
says five.1 "answered"

# what is new, changed and gone: the same endpoint, another day
"$bin" active windows remove 1 -S one >/dev/null
add one "$gone" "$right" -r 127.0.0.1 -k service
scan one one.2 & first=$!
printf '%s\n' "$right" | "$bin" active windows password 1 -S two >/dev/null
scan two two.3 --address 127.0.0.1 & second=$!
"$bin" active windows pin 127.0.0.1 "$(printf '%064d' 0)" -S three >/dev/null
"$bin" active windows remove 1 -S three >/dev/null
add three "$https" "$right" -r 127.0.0.1 -k os
scan three three.2 & third=$!
# silence, and the switch
add six "$quiet" "$right" -r 10.255.0.0/22 -k os
scan six six.1 & sixth=$!
wait $first $second $third
what="another day"
says one.2 "2 known, 1 new, 1 changed, 1 gone"
"$bin" active windows results -S one --where 'news != same' >news
says news 'C:\evil.exe'
grep -q 'CCAgent.*gone' news && grep -q 'New .*new' news && grep -q 'Spooler.*changed.*spoolsv' news
ok "what is new, changed and gone" $?
what="another password"
says two.3 "127.0.0.1        answered"
what="another certificate than was said"
says three.2 "its certificate is not the one it should be"
"$bin" active windows -S three --format csv >hosts
says hosts "$(printf '%064d' 0)"
began=$(date +%s%N)
"$bin" active stop -S six >stopped
wait $sixth
took=$((($(date +%s%N) - began) / 1000000))
what="stop"
says stopped stopped
says six.1 "stopped by hand"
[ $took -lt 600 ]
ok "stop: took $took ms with writing what was found" $?

# --------------------------------------------------- what is refused, and how
what="refusals"
add bad "$https" "$right" -r 10.0.0.0/8
says err "that would ask 16777214 addresses, of at most 4096"
add bad "$https" "$right" -r 10.1.2.0/24
add bad "$https" "$right" -r 10.1.2.9-10.1.3.9
says err "range 1 has some of these addresses"
add bad "$https" "$right" -r 10.9.9.9 -k everything
says err "kinds: os, hardware"
add bad "$https" "$right" -r 10.9.9.9 --trust somebody
says err "trust: first, pinned, or the path"
add bad "$https" "$(printf '%0300d' 0)" -r 10.9.9.9
says err "a password has at most 254 bytes"
"$bin" active windows pin 10.1.2.3 abc -S bad 2>err
says err "64 hexadecimal digits"
"$bin" active windows scan 9 -S bad 2>err
says err "no range may be scanned now"
"$bin" active windows scan --due -S bad >out 2>err
ok "nothing is due: status $?" $?
[ ! -s out ] && [ ! -s err ]
ok "nothing is due, nothing is said" $?
# another key opens nothing; nor does the password of a changed row
cp -r five moved && head -c 32 /dev/urandom >moved/vault.key
scan moved moved.1
says moved.1.err "its password cannot be opened"
if command -v sqlite3 >/dev/null; then
	cp -r five turned && sqlite3 turned/state.db "update windows_range set ranges = '127.0.0.2'"
	scan turned turned.1
	says turned.1.err "its password cannot be opened"
	cp -r five marked
	sqlite3 marked/state.db "insert into device_person (device, fragile) select id, 1 from device where true on conflict do update set fragile = 1"
	scan marked marked.1
	says marked.1 "127.0.0.1        not asked: marked: it must not be asked"
fi

# ------------------------------------------------------------ tables of ranges
what="ranges from a table"
csv_in() { "$bin" active windows import-ranges "$1" -S table --owner t --reason t --until "$(date -u -d '+30 days' +%F)" >out 2>err; }
printf '\xef\xbb\xbfFROM,TO,USER,PASSWORD,DISABLE\r\n10.1.1.1,10.1.1.9,PLANT\\a,"p,""q""",false\r\n10.1.2.1,,b,pw,TRUE\r\n' >ranges.csv
csv_in ranges.csv
ok "$what: $(cat err)" $?
"$bin" active windows ranges -S table --format csv >out
says out '1,1,10.1.1.1-10.1.1.9,PLANT\a,https'
says out '2,0,10.1.2.1,b,https'
for bad in '10.1.5.1,10.1.5.2,u,p' '10.1.5.1,x,u,p,false' '10.1.5.1,,u,,false' '10.1.5.1,,u,p,maybe' '10.1.5.1,,"u,p,false' \
	'1,2,3,4,5,6' ''; do
	printf 'FROM,TO,USER,PASSWORD,DISABLE\n10.1.4.1,,u,p,false\n%s\n' "$bad" >bad.csv
	[ -n "$bad" ] || printf '' >bad.csv
	csv_in bad.csv
	[ $? -eq 1 ] && grep -q 'no range was added' err
	ok "$what: '$bad' is refused: $(cat err)" $?
done
"$bin" active windows ranges -S table --format csv >out
silent_on out 10.1.4.1

# ---------------------------------------------------------------------- files
what="files"
printf 'Sightglass-Windows 1\r\nTime=2026-01-01T00:00:00Z\r\n\r\n[Win32_ComputerSystem]\r\nName=ENG-1\r\nManufacturer=HP\r\n\r\n%s\r\n%s\r\n' \
	$'[Win32_NetworkAdapterConfiguration]\r\nIPAddress={"10.7.7.7"}\r\nMACAddress=00:11:22:33:44:55\r\n' \
	$'[Win32_QuickFixEngineering]\r\nHotFixID=KB1\r\n' >eng.txt
"$bin" active windows import eng.txt -S file >out 2>err
ok "$what: status $?: $(cat err)" $?
says out "10.7.7.7: 4 known, 4 new"
"$bin" devices -S file >out
says out "ENG-1"
sed 's/2026-01-01/2025-01-01/' eng.txt >old.txt
"$bin" active windows import old.txt -S file 2>err
says err "what is known of it is newer than this"
head -c 150 eng.txt >cut.txt
"$bin" active windows import cut.txt -S file 2>err
says err "cut.txt:9: neither a [section] nor a NAME=VALUE: is it cut?; nothing was taken from it"
head -c 100000 /dev/urandom >noise.txt
"$bin" active windows import noise.txt -S file 2>err
says err "noise.txt:1:"
printf 'Sightglass-Windows 1\n[Win32_Service]\nName=x\n' >lost.txt
"$bin" active windows import lost.txt -S file 2>err
says err "--address gives it"
"$bin" active windows import lost.txt --address 10.7.7.8 -S file >out
says out "10.7.7.8: 1 known"

# ------------------------------------------- what they saw, from the first on
wait $slowly
what="slow"
says ask.slow "end|slow|"
kill -TERM $peer
wait $peer 2>/dev/null
what="peers"
awk '$4 > 1 { exit 1 }' <(sed 1d counted)
ok "one request at a time: $(cat counted)" $?
awk '$1 == "gone" && $3 < 2000 { exit 1 }' counted
ok "two seconds apart: $(grep ^gone counted)" $?
awk '$1 == "https" && $6 != 1 { exit 1 }' counted
ok "a wrong password is shown once: $(grep ^https counted)" $?
[ ! -s peers.log ]
ok "no proof or seal was odd to them: $(tail -3 peers.log)" $?
echo "active windows: $passed passed, $failed failed"
[ $failed -eq 0 ]

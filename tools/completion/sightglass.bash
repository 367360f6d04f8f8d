# sightglass.bash - completion of sightglass's command line for bash.
# Install as /usr/share/bash-completion/completions/sightglass, or source it.

_sightglass_options() { # COMMAND
	local list='--state --format --where --sort --group --limit --all --color
		--help'

	case $1 in
	read) echo '--format --table --output --facts --all --no-alerts --state
		--mode --learn-scale --learn-until --set --color --quiet --help' ;;
	users) echo '--state --format --role --config --set --color --help' ;;
	serve) echo '--state --port --set --help' ;;
	run) echo '--config --interface --set --help' ;;
	captures) echo '--state --speed --learn --format --quiet --help' ;;
	settings) echo '--state --help' ;;
	ledger) echo '--state --format --key --help' ;;
	check-config) echo '--show --page --quiet --help' ;;
	protocols) echo '--format --set --color --help' ;;
	detections) echo '--state --format --engine --color --help' ;;
	mode) echo '--state --force --format --color --help' ;;
	baseline) echo '--state --entity --from --until --days --all --key
		--unsigned --color --help' ;;
	alerts) echo "$list --output --dry-run" ;;
	learn) echo "$list --level --expires --reason --deny --dry-run" ;;
	rules) echo "$list --from --until --severity --message" ;;
	packets) echo '--state --alert --device --between --from --until --to
		--damaged --output --help' ;;
	mirror) echo '--state --format --method --make --source --vlan
		--direction --destination --session --remote-vlan --to --from
		--management --machine --interface --multicast --seconds --add
		--include --remove --color --help' ;;
	active) echo "$list --method --range --port --station --community --server --owner
		--reason --until --hours --every --times --once --labels --only
		--interface --user --hash --passwords --password-file --http
		--trust --kind --due --address" ;;
	networks) echo "$list --ot --it --inside --dhcp --name" ;;
	indicators) echo "$list --list --as --expires --replace" ;;
	devices) echo "$list --dry-run" ;;
	names | timeline) echo "$list" ;;
	esac
}

_sightglass_verbs() { # COMMAND
	case $1 in
	mode) echo 'learning dynamic operational' ;;
	baseline) echo 'status forecast preview review show why accept deny unlearn
		forget scenario export import diff' ;;
	alerts) echo 'list show pcap close active reopen mute unmute severity
		comment' ;;
	learn) echo 'list undo' ;;
	devices) echo 'list show name role level comment mark unmark delete
		merge split import undo' ;;
	detections) echo 'list show on off severity threshold learning dynamic
		operational default' ;;
	rules) echo 'list add test on off delete fields' ;;
	mirror) echo 'show plan check filter' ;;
	captures) echo 'show play stop' ;;
	networks) echo 'list add delete seen import export' ;;
	names) echo 'list add delete' ;;
	active) echo 'list methods plan show grant revoke run status results stop resume
		windows' ;;
	indicators) echo 'list count import delete test' ;;
	settings) echo 'list set reset' ;;
	users) echo 'list add reset role lock unlock delete directory' ;;
	ledger) echo 'list verify' ;;
	help) echo "$_sightglass_commands" ;;
	esac
}

# What follows a verb or an option; nothing where it is free text.
_sightglass_values() { # COMMAND:WORD-BEFORE
	local severity='warning minor major critical'

	case $1 in
	captures:--speed) echo '1 10 100 max' ;;
	mode:--format | mode:-f | captures:--format | captures:-f | mirror:--format | mirror:-f) echo 'text json' ;;
	mirror:--method | mirror:-m) echo 'span rspan erspan tap tap-two esxi
		hyper-v' ;;
	mirror:--make) echo 'cisco-ios cisco-ios-xe cisco-nx-os hirschmann scalance
		moxa aruba-cx procurve juniper huawei vmware microsoft garland ixia
		us-robotics any-tap' ;;
	mirror:--direction) echo 'rx tx both' ;;
	*:--format | *:-f) echo 'text json csv' ;;
	*:--color) echo 'auto always never' ;;
	read:--mode) echo 'learning dynamic operational' ;;
	read:--table | read:-t) echo 'devices evidence modules conversations
		operations alerts ledger files packets' ;;
	read:--set | read:-s) echo 'flows.max= flows.memory= flows.buffer=
		inventory.max= conversations.max= assets.max= baseline.keys=
		baseline.alerts-per-day= sensor.name= tcp.overlap=first tcp.overlap=last vendors=
		malware.rules= malware.indicators=' ;;
	serve:--set | serve:-s) echo 'web.address= web.port=' ;;
	users:directory) echo 'test password' ;;
	users:--role | users:-r) echo 'read-only analyst admin' ;;
	detections:--engine) echo 'policy protocol malware anomaly operational' ;;
	indicators:--as) echo 'auto csv plain stix misp' ;;
	learn:--level | learn:-l) echo '0 1 2 3 4 5' ;;
	alerts:severity | rules:--severity) echo "$severity" ;;
	devices:mark | devices:unmark) echo 'authorized important scanner
		programming fragile' ;;
	active:--method) echo 'icmp-echo enip-identity s7-identity modbus-identity
		bacnet-identity opcua-endpoints dnp3-attributes iec61850-identify
		fins-controller melsec-cpu codesys-names snmp-system snmp-switch http-title
		tls-certificate reverse-dns' ;;
	active:windows) echo 'list ranges add import-ranges password unblock on off
		remove show scan results key pin import' ;;
	active:--kind) echo 'os hardware address update program service user
		antivirus usb' ;;
	active:--trust) echo 'first pinned' ;;
	rules:add | rules:test) echo 'exclude maintenance custom' ;;
	rules:fields) echo 'event alert' ;;
	baseline:scenario) echo 'device identity connection service external
		function read write value engineering session file period sequence
		volume time-of-day publisher error topology attribute' ;;
	esac
}

_sightglass_commands='read
	run
	captures
	devices
	mirror
	ledger
	networks
	names
	active
	mode
	baseline
	learn
	alerts
	rules
	detections
	indicators
	packets
	timeline
	serve
	users
	check-config
	protocols
	help
	version'

_sightglass() {
	local cur prev command=${COMP_WORDS[1]} words

	cur=${COMP_WORDS[COMP_CWORD]}
	prev=${COMP_WORDS[COMP_CWORD - 1]}
	# "--format=json" comes as three words: --format, =, json
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	COMPREPLY=()
	if [[ $COMP_CWORD -eq 1 ]]; then
		mapfile -t COMPREPLY < <(compgen -W \
			"$_sightglass_commands --help --version" -- "$cur")
		return
	fi
	case $command:$prev in
	*:--state | *:-S | read:--output | read:-o)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -d -- "$cur")
		return ;;
	*:--output | *:-o | *:import | baseline:diff | mirror:check)
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	*:--where | *:-w | *:--sort | *:--group | *:--limit | *:-n | *:--reason | \
		*:-r | *:--message | *:-m | *:--name | *:--from | *:--until | \
		*:--entity | *:-e | *:--days | *:--expires | *:--list | \
		*:--learn-scale | *:--learn-until)
		return ;;
	esac
	words=$(_sightglass_values "$command:$prev")
	if [[ -z $words && $cur == -* ]]; then
		words=$(_sightglass_options "$command")
	elif [[ -z $words && ($command == @(read|check-config) ||
		$command:${COMP_WORDS[2]} == captures:play) ]]; then
		compopt -o filenames
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	elif [[ -z $words && $COMP_CWORD -eq 2 ]]; then
		words=$(_sightglass_verbs "$command")
	fi
	mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
	if [[ $command:$prev == read:--set || $command:$prev == read:-s ]]; then
		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
	fi
}
complete -F _sightglass sightglass

# sightglass.bash - completion of sightglass's command line for bash.
# Install as /usr/share/bash-completion/completions/sightglass, or source it.

_sightglass() {
	local cur prev command=${COMP_WORDS[1]}
	local settings='flows.max= flows.memory= flows.buffer= inventory.max=
		conversations.max= tcp.overlap=first tcp.overlap=last vendors='
	local tables='devices evidence modules conversations operations ledger
		files packets'
	local read='--format --table --output --facts --all --set --color
		--quiet --help'

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
			'read protocols help version --help --version' -- "$cur")
		return
	fi
	case $command:$prev in
	read:--format | read:-f | protocols:--format | protocols:-f)
		mapfile -t COMPREPLY < <(compgen -W 'text json csv' -- "$cur") ;;
	read:--table | read:-t)
		mapfile -t COMPREPLY < <(compgen -W "$tables" -- "$cur") ;;
	read:--output | read:-o)
		mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
	read:--set | read:-s)
		mapfile -t COMPREPLY < <(compgen -W "$settings" -- "$cur")
		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace ;;
	read:--color | protocols:--color)
		mapfile -t COMPREPLY < <(compgen -W 'auto always never' -- "$cur") ;;
	help:*)
		mapfile -t COMPREPLY < <(compgen -W 'read protocols' -- "$cur") ;;
	read:*)
		if [[ $cur == -* ]]; then
			mapfile -t COMPREPLY < <(compgen -W "$read" -- "$cur")
		else
			compopt -o filenames
			mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		fi ;;
	protocols:*)
		mapfile -t COMPREPLY < <(compgen -W '--format --color --help' -- "$cur") ;;
	esac
}

complete -F _sightglass sightglass

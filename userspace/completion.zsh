#compdef mmscope
# SPDX-License-Identifier: GPL-2.0
# zsh completion for mmscope: verbs, options, values and experiments are what the tool itself says
# they are.

local -a options names verbs=(list explain run trace stat record who why diff export metrics reproduce reduce map check doctor)
local verb=$words[2] before=$words[CURRENT-1]
local -i at=${words[(i)--]}

if (( CURRENT == 2 )); then
	compadd -- $verbs help --help --version
	return
fi
# Behind it is a command of its own.
if (( at > 2 && at < CURRENT )); then
	shift $at words
	(( CURRENT -= at ))
	_normal
	return
fi
# --option=value is one word here.
if compset -P '--*='; then
	before=${IPREFIX%=}
fi
case $verb:$before in
trace:(-e|--events|-c|--class|-o|--output))
	case $before in
	-e)	before=--events ;;
	-c)	before=--class ;;
	-o)	before=--output ;;
	esac
	names=(${${(f)"$(mmscope trace $before help 2>/dev/null)"}%% *})
	compset -P '*,' || compset -P '+'
	compadd -q -S , -- $names
	return
	;;
(trace|stat|record|who|why|metrics):(-p|--pid))
	names=(/proc/[0-9]*(N:t))
	compadd -- $names
	return
	;;
export:(-f|--format))
	names=(${${(f)"$(mmscope export --format help 2>/dev/null)"}%% *})
	compadd -- $names
	return
	;;
stat:(-k|--sort))
	compadd -- faults time pages
	return
	;;
export:(-v|--value))
	compadd -- faults bytes time
	return
	;;
export:(-i|--input|-o|--output))
	_files
	return
	;;
(trace|stat|record|who|why|metrics):(-U|--user))
	_users
	return
	;;
(trace|stat|record|who|why|metrics):(-G|--cgroup))
	_files -/ -W /sys/fs/cgroup
	return
	;;
(trace:(-H|--hooks)|stat:(-B|--budget|-W|--write-budget)|metrics:(-i|--input|-t|--textfile)))
	_files
	return
	;;
(stat|record):--stacks)
	compadd -- fp dwarf
	return
	;;
explain:*|run:*)
	names=(${(f)"$(mmscope list --json 2>/dev/null | grep -o '"name":"[^"]*"' | cut -d '"' -f 4)"})
	;;
diff:*)
	_files
	;;
help:*)
	names=($verbs)
	;;
reduce:*)
	_files
	;;
map:*)
	names=(self)
	;;
why:*)
	names=(rss vmas faults slow)
	;;
esac
options=(${(f)"$(mmscope $verb --help 2>/dev/null | grep -o -E -e '--[a-z][a-z-]*' | sort -u)"})
compadd -- $options $names --

# SPDX-License-Identifier: GPL-2.0
#
# Judges the figures of a bench: prints the table, writes them to `json`, and ends with status 1
# and a word on standard error for each bound that is missed.
#
# Input: lines of two words, a name and its instructions; variables: kernel, json and bounds, a
# line each: NAME "over" BASE MOST (instructions more) or NAME "of" BASE MOST (ratio).

function within(rule,   part, got, good) {
	split(rule, part, " ")
	if (part[2] == "over") {
		got = cost[part[1]] - cost[part[3]]
		good = got <= part[4]
		got = sprintf("%+d over %s, at most %+d", got, part[3], part[4])
	} else {
		# As precise as it is printed.
		got = sprintf("%.3f", cost[part[1]] / cost[part[3]])
		good = got + 0 <= part[4]
		got = got " of " part[3] ", at most " part[4]
	}
	if (!good) {
		missed = 1
		print "MISSED: " part[1] " is " got >"/dev/stderr"
	}
	return got (good ? ": ok" : ": MISSED")
}

# A row, and what bounds it: the first bound beside it, the others below.
function row(name,   i, part, beside) {
	beside = says[name]
	for (i = 1; i <= rules; i++) {
		split(rule[i], part, " ")
		if (part[1] != name)
			continue
		if (beside != "") {
			print_row(name, beside)
			name_printed[name]
		}
		beside = within(rule[i])
	}
	print_row(name, beside)
}

# What a figure is compared with: of what is no driver's, the same with nobody looking.
function added_to(name) {
	if (match(name, /^(anon|map|touch|file|protect)(-|$)/))
		return substr(name, 1, RLENGTH - (name ~ /-/))
	return "quiet"
}

function ratio_to(name) {
	return added_to(name) == "quiet" ? "plain-driver" : added_to(name)
}

function print_row(name, beside,   line) {
	if (name in name_printed)
		line = sprintf("%-18s %12s %6s %6s  %s", "", "", "", "", beside)
	else
		line = sprintf("%-18s %12d %+6d %6.3f  %s", name, cost[name],
			       cost[name] - cost[added_to(name)], cost[name] / cost[ratio_to(name)],
			       beside)
	sub(/ +$/, "", line)
	print line
}

NF == 2 && $2 + 0 > 0 {
	names[++count] = $1
	cost[$1] = $2
}

END {
	if (!cost["plain-driver"] || !cost["plain-driver-stub"] || !cost["quiet"]) {
		print "there is nothing to compare with" >"/dev/stderr"
		exit 1
	}
	says["plain-driver"] = "a driver with ->fault only: the ratio is to it"
	says["plain-driver-stub"] = "the same with an empty ->map_pages"
	says["ftrace"] = "a quiet fault with exceptions:page_fault_user recorded"
	says["perf-record"] = "a quiet fault under perf record -e page-faults -c 1 -d"
	says["bpftrace"] = "a quiet fault that a bpftrace tracepoint only counts"
	says["anon"] = "anonymous memory, nobody looks; what begins so is added to it"
	says["anon-trace"] = "mmscope trace watches it"
	says["anon-stat"] = "mmscope stat"
	says["anon-count"] = "mmscope stat --count"
	says["anon-beside"] = "mmscope trace watches another"
	says["anon-perf"] = "perf record -e page-faults -c 1 -d"
	says["anon-trace-cmd"] = "trace-cmd record -e exceptions:page_fault_user"
	says["anon-bpftrace"] = "a bpftrace tracepoint that only counts"
	says["anon-printf"] = "a bpftrace raw tracepoint that prints"
	says["map"] = "mmap() and munmap() of a page, nobody looks"
	says["map-trace"] = "mmscope trace watches it"
	says["map-stat"] = "mmscope stat"
	says["touch"] = "the same with a first touch by write between"
	says["file"] = "mmap() and munmap() of a page of a file"
	says["protect"] = "mprotect() of a page of three and back: split and merge"
	for (i = 1; i <= split("touch file protect", watched, " "); i++)
		says[watched[i] "-trace"] = says["map-trace"]
	says["map-beside"] = "mmscope trace watches another"
	rules = split(bounds, rule, "\n")

	printf "%-18s %12s %6s %6s\n", "", "instructions", "added", "ratio"
	for (i = 1; i <= count; i++)
		row(names[i])
	for (i = 1; i <= rules; i++) {
		split(rule[i], part, " ")
		if (rule[i] != "" && !cost[part[1]]) {
			missed = 1
			print "MISSED: " part[1] " has no figure" >"/dev/stderr"
		}
	}

	print "[" >json
	for (i = 1; i <= count; i++)
		printf "  {\"name\": \"%s\", \"kernel\": \"%s\", \"instructions\": %d, \"added\": %d, \"ratio\": %.3f}%s\n",
			names[i], kernel, cost[names[i]], cost[names[i]] - cost[added_to(names[i])],
			cost[names[i]] / cost[ratio_to(names[i])], i < count ? "," : "" >json
	print "]" >json
	exit missed
}

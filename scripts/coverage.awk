# Makes a table of what gcov wrote: lines compiled, lines run, and which did not.
#
# Input: coverage.reasons, then gcov's files.  Variable: least, the percentage
# that makes the status 0.

function percent(part, all) {
	return all ? 100 * part / all : 100
}

# Lines of coverage.reasons: file, a regular expression that the line's text
# matches, reason; apart by tabs.
FNR == NR {
	if ($0 !~ /^#/ && split($0, part, "\t+") == 3) {
		reason_file[++reasons] = part[1]
		reason_line[reasons] = part[2]
		reason_text[reasons] = part[3]
	}
	next
}

# count:number:text.  A line of an inline function may come several times.
match($0, /^ *[^:]*: *[0-9]+:/) {
	split($0, part, ":")
	count = part[1]
	number = part[2] + 0
	gsub(/[ *]/, "", count)
	text = substr($0, RLENGTH + 1)
	if (number == 0) {
		if (text ~ /^Source:/)
			file = substr(text, 8)
		next
	}
	if (count == "-")
		next
	key = file ":" number
	if (!(key in texts)) {
		if (!(file in lines))
			files[++nfiles] = file
		keys[++nkeys] = key
		file_of[key] = file
		gsub(/^[ \t]+/, "", text)
		texts[key] = text
		lines[file]++
		total++
	}
	if (count ~ /^[0-9]/ && !(key in covered)) {
		covered[key]
		ran[file]++
		total_ran++
	}
}

function reason(key,   i) {
	for (i = 1; i <= reasons; i++)
		if (file_of[key] == reason_file[i] && texts[key] ~ reason_line[i])
			return reason_text[i]
	return "no reason given"
}

END {
	printf "%-20s %6s %6s %8s\n", "# file", "lines", "ran", "percent"
	for (i = 1; i <= nfiles; i++)
		printf "# %-18s %6d %6d %8.1f\n", files[i], lines[files[i]], ran[files[i]],
			percent(ran[files[i]], lines[files[i]])
	printf "# %-18s %6d %6d %8.1f\n", "all", total, total_ran, percent(total_ran, total)
	for (i = 1; i <= nkeys; i++)
		if (!(keys[i] in covered))
			printf "# kmod/%s: %s\n#     did not run: %s\n", keys[i], texts[keys[i]], reason(keys[i])
	exit !total || percent(total_ran, total) < least
}

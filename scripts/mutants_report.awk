# The verdicts of scripts/mutants, a row of each mutant, and how many were killed.
#
# Input: mutants.reasons, then what was made: NAME, FILE, LINE (or gone), function, rule, the new
# line, the old one, apart by tabs. Variables: quick and full, the verdicts of both rounds.
#
# Lines of mutants.reasons: file, function, rule, the old line, and why nobody can see a difference,
# apart by tabs. What begins with "debug:" is no such reason, but says what kernel debug tells: it
# explains a survivor, and leaves it one.

BEGIN {
	FS = "\t"
	take(quick)
	take(full)
}

# A verdict of the full round counts more.
function take(file,    line, word) {
	while ((getline line <file) > 0) {
		split(line, word, " ")
		verdict[word[1]] = line
		sub(/^[^ ]* /, "", verdict[word[1]])
	}
}

# How it counts: killed, survived, equivalent, gone or unjudged.
function class(reason) {
	if ($3 == "gone")
		return "gone"
	if (!($1 in verdict))
		return "unjudged"
	if (verdict[$1] ~ /^killed/) {
		if (reason != "")
			wrong = wrong "killed, so it needs no reason: " $1 "\n"
		return "killed"
	}
	return reason == "" || reason ~ /^debug:/ ? "survived" : "equivalent"
}

NR == FNR {
	if (!/^#/ && NF)
		why[$1 FS $2 FS $3 FS $4] = $5
	next
}

{
	# A line may have tabs of its own.
	old = $7
	for (i = 8; i <= NF; i++)
		old = old FS $i
	reason = why[$2 FS $4 FS $5 FS old]
	kind = class(reason)
	n[kind]++
	told = kind == "killed" ? verdict[$1] : kind
	if (kind != "killed" && reason != "")
		told = told ": " reason
	printf "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", $1, told, $2, $3, $4, $5, $6, old
}

END {
	all = n["killed"] + n["survived"]
	printf "%s", wrong
	printf "%d mutants: %d killed of %d, %.1f %%", all + n["equivalent"], n["killed"], all,
	       all ? 100 * n["killed"] / all : 0
	printf ", %d more make no difference", n["equivalent"]
	if (n["gone"] + n["unjudged"])
		printf "; %d gone, %d not judged", n["gone"], n["unjudged"]
	printf "\n"
	exit wrong != "" || n["unjudged"] > 0 || all == 0 || n["killed"] < 0.95 * all
}

# Judges what a guest told during a test run: prints TAP and, as the last line,
# "passed failed skipped".
#
# Input: verdict.log (written by scripts/vm), the list of programs that had to
# run, control.log (written by the guest, see scripts/init).  Variables:
# kernel, and list and control, the names of the second and third file.
#
# Only a line with this boot's mark is the guest's word; all else is what a
# program wrote.  Each result of a program is a test.  What makes a program's
# results doubtful is a failed test of its own: no plan, a result too few or too
# many, a status that does not fit, no end, a splat in the kernel's log.

function result(word, text) {
	total++
	count[word]++
	print (word == "failed" ? "not ok " : "ok ") total " " kernel " " text
}

function fail(text, why) {
	result("failed", text ": " why)
}

function comment(text) {
	gsub(/^[# ]+/, "", text)
	print "# " text
}

function begin_program(name) {
	if (splats) {
		tell_splats()
		fail("module", "the kernel's log has a splat")
	}
	program = name
	plan = -1
	results = failures = skips = notes = 0
	timeout = bail = odd = ""
	delete numbers
}

# What came before a failed result belongs to it.
function tell_notes(   i) {
	for (i = 1; i <= notes; i++)
		comment(note[i])
	notes = 0
}

function program_line(line,   number, name) {
	if (match(line, /^1\.\.[0-9]+/)) {
		if (plan >= 0)
			odd = "it printed two plans"
		plan = substr(line, 4, RLENGTH - 3) + 0
		if (plan == 0 && line ~ /SKIP/) {
			skips++
			result("skipped", program " # SKIP" substr(line, index(line, "SKIP") + 4))
		}
		return
	}
	if (line ~ /^Bail out!/)
		bail = line
	if (line !~ /^(not )?ok [0-9]+/) {
		if (line != "" && line !~ /^TAP version/)
			note[++notes] = line
		return
	}
	number = name = line
	sub(/^(not )?ok /, "", number)
	sub(/[^0-9].*/, "", number)
	sub(/^(not )?ok [0-9]+[- ]*/, "", name)
	results++
	if (number in numbers)
		odd = "it printed result " number " twice"
	numbers[number]
	if (line ~ /^not ok/) {
		failures++
		tell_notes()
		result("failed", program " " name)
	} else if (line ~ /# *SKIP/) {
		skips++
		result("skipped", program " " name)
	} else {
		result("passed", program " " name)
	}
	notes = 0
}

function end_program(status,   why) {
	if (timeout)
		why = "it was killed because it ran out of time"
	else if (status == 127 && !results)
		why = "it is missing or could not be started"
	else if (status > 128)
		why = "it was killed by signal " status - 128
	else if (bail)
		why = bail
	else if (plan < 0)
		why = "it printed no plan"
	else if (plan != results && !(plan == 0 && skips))
		why = "it planned " plan " results and printed " results
	else if (odd)
		why = odd
	else if (plan == 0 && !skips)
		why = "it has no test"
	else if (!failures && status != 0 && !(status == 4 && skips))
		why = "it ended with status " status " though nothing failed"
	else if (failures && status == 0)
		why = "it ended with status 0 though something failed"
	if (why) {
		tell_notes()
		fail(program, why)
	}
	if (splats) {
		tell_splats()
		fail(program, "the kernel's log has a splat")
	}
	ended[program]++
	program = ""
}

function tell_splats(   i) {
	for (i = 1; i <= splats; i++)
		comment(splat[i])
	splats = 0
}

BEGIN {
	count["passed"] = count["failed"] = count["skipped"] = 0
	print "TAP version 13"
}

FILENAME != list && FILENAME != control {
	if (FNR == 1)
		mark = $1
	else if (sub(/^lost /, ""))
		lost = $0
	else
		console[++lines] = $0
	next
}

FILENAME == list {
	expected[++programs] = $1
	next
}

{ sub(/\r$/, "") }

mark == "" || $1 != mark {
	if (program)
		program_line($0)
	else if ($0 != "")
		comment($0)
	next
}

{ word = $2; rest = $0; sub(/^[^ ]+ [^ ]+ ?/, "", rest) }

word == "booted"	{ booted = rest; print "# " kernel " is Linux " booted }
word == "begin"		{ begin_program(rest); begun[rest]++ }
word == "timeout"	{ timeout = 1 }
word == "left"		{ comment(rest " left processes behind") }
word == "wrong"		{ fail("module", rest) }
word == "splat"		{ splat[++splats] = rest }
word == "end"		{ end_program($NF) }
word == "done"		{ done = 1 }

END {
	if (program)
		tell_notes()
	for (i = 1; i <= lines; i++)
		comment(console[i])
	if (!booted)
		fail("boot", lost ? lost : "the guest did not come up")
	# A splat outside a program: while loading, unloading, or of the last.
	if (splats) {
		tell_splats()
		fail(program ? program : "module", "the kernel's log has a splat")
		lost = ""
	}
	for (i = 1; i <= programs; i++) {
		name = expected[i]
		if (ended[name])
			continue
		fail(name, begun[name] ? "it did not end: " (lost ? lost : "the guest vanished") : "it did not run")
		unfinished = 1
	}
	if (!programs)
		fail("selftests", "there is no program to run")
	if (booted && !unfinished && (lost || !done))
		fail("guest", lost ? lost : "it vanished")
	print "1.." total
	print count["passed"], count["failed"], count["skipped"]
}

# SPDX-License-Identifier: GPL-2.0
#
# What is the same in the records of a program and in those of its reproducer, a line each:
#
#	awk -f history.awk repro.c trace-of-the-program.json
#	awk -v again=1 -f history.awk repro.c trace-of-the-reproducer.json
#
# Addresses become places in the regions of repro.c, and VMAs and address spaces are numbered in the
# order in which they come. The reproducer tells where its regions are by calls that are refused.
# Left out are the vdso, and what either does before the history begins: at the end of exec, or
# behind these calls. VMAs of a fork, and those that go with their address space, come by place.

# The value of a member of the object in $0
function member(name,	at, rest)
{
	at = index($0, "\"" name "\":")
	if (!at)
		return ""
	rest = substr($0, at + length(name) + 3)
	if (substr(rest, 1, 1) == "\"") {
		rest = substr(rest, 2)
		return substr(rest, 1, index(rest, "\"") - 1)
	}
	match(rest, /^-?[0-9]+/)
	return substr(rest, 1, RLENGTH)
}

function has_flag(name)
{
	return $0 ~ ("\"flags\":\\[[^]]*\"" name "\"")
}

function hex(text,	i, n)
{
	n = 0
	text = tolower(text)
	for (i = 3; i <= length(text); i++)
		n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return n
}

# Where an address is, "" if it is in no region. The end of one is in it.
function place(addr,	i)
{
	addr += 0
	for (i = 0; i < regions; i++)
		if (addr >= base[i] && addr <= base[i] + size[i])
			return sprintf("r%d+%09x", i, addr - base[i])
	return ""
}

function number_of(vma)
{
	if (vma + 0 == 0)
		return "-"
	if (!(vma in numbers))
		numbers[vma] = ++vmas
	return "v" numbers[vma]
}

function rights()
{
	return (has_flag("read") ? "r" : "-") (has_flag("write") ? "w" : "-") \
		(has_flag("exec") ? "x" : "-") (has_flag("shared") ? "s" : "p")
}

function print_line(line,	i, words, n, text)
{
	n = split(line, words, " ")
	text = ""
	for (i = 1; i <= n; i++) {
		if (words[i] ~ /^#/)
			words[i] = number_of(substr(words[i], 2))
		text = text (i > 1 ? " " : "") words[i]
	}
	print text
}

# What was put aside, by place
function flush_lines(	i, j, swap)
{
	for (i = 2; i <= aside; i++)
		for (j = i; j > 1 && keys[j - 1] > keys[j]; j--) {
			swap = keys[j]; keys[j] = keys[j - 1]; keys[j - 1] = swap
			swap = lines[j]; lines[j] = lines[j - 1]; lines[j - 1] = swap
		}
	for (i = 1; i <= aside; i++)
		print_line(lines[i])
	aside = 0
}

function mark(	addr)
{
	addr = member("start") + 0
	if (member("event") != "failed" || member("syscall") != "mprotect" || addr % 4096 != 1 ||
	    marks >= regions)
		return
	base[marks++] = addr - 1
	if (marks < regions)
		return
	known[member("mm")] = ++mms
	began = 1
}

function begin()
{
	if (member("event") == "exec" && member("mm") == first)
		began = 1
}

function range(event,	start, end, aux, line)
{
	start = place(member("start"))
	if (start == "")
		return
	aux = ""
	if (event ~ /^(split|merge|grow|shrink|mremap)$/)
		aux = " at " place(member("aux"))
	if (event == "advise")
		aux = " " member("aux") (has_flag("error") ? " refused" : "")
	line = "mm" mm " " event " " start " +" (member("end") - member("start")) / 4096 aux
	if (event != "advise")
		line = line " " rights() " #" member("vma")
	if (event ~ /^(split|merge|copy|dup)$/)
		line = line " #" member("parent")
	if (event != "dup" && !(event == "unmap" && member("cause") == -2)) {
		flush_lines()
		print_line(line)
		return
	}
	keys[++aside] = start
	lines[aside] = line
}

function fault(	at, access)
{
	at = place(member("addr") - member("addr") % 4096)
	if (at == "")
		at = member("addr") + 0 < 65536 ? member("addr") : ""
	if (at == "")
		return
	access = has_flag("exec") ? "exec" : has_flag("write") ? "write" : "read"
	flush_lines()
	print_line("mm" mm " fault " at " " access " " member("class"))
}

function failed(	at)
{
	at = place(member("start"))
	if (member("start") + 0 == 1 || member("syscall") == "ioctl")
		return
	flush_lines()
	print_line("mm" mm " failed " member("syscall") " " at " " member("error"))
}

BEGIN {
	regions = 0
	marks = 0
	vmas = 0
	mms = 0
	aside = 0
}

# The tables of the program
FNR == NR {
	if ($0 ~ /^\/\/ Process [0-9]+ was mm [0-9]+\.$/) {
		if ($3 == 0)
			first = $6 + 0
		if (!again)
			known[$6 + 0] = $3 + 1
	}
	if ($1 == "{" && $2 ~ /^&r[0-9]+,$/) {
		size[regions] = hex(substr($3, 1, length($3) - 1))
		base[regions] = hex(substr($4, 1, length($4) - 1))
		regions++
	}
	next
}

!began {
	if (again)
		mark()
	else
		begin()
	next
}

{
	event = member("event")
	mm = member("mm")
	if (again && event == "fork" && (mm in known))
		known[member("aux")] = ++mms
}

!(mm in known) || /"name":"\[v(dso|var|sys)/ || /"source":"device"/ { next }

{ mm = known[mm] }

event ~ /^(mmap|unmap|split|merge|grow|shrink|copy|move|dup|mprotect|advise|mremap)$/ {
	range(event)
}
event == "fault" { fault() }
event == "failed" { failed() }
event == "end" {
	flush_lines()
	print "mm" mm " end"
}

END { flush_lines() }

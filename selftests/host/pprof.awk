# SPDX-License-Identifier: GPL-2.0
#
# What protoc --decode=Profile profile.proto has made of a profile: its samples as folded stacks,
# each with its three values, and a line "class NAME FAULTS BYTES NS" for each class; exit 1 where
# it is no good profile.

BEGIN { nr_samples = nr_strings = nr_types = 0 }

function bad(why)
{
	print "# pprof: " why > "/dev/stderr"
	failed = 1
	exit 1
}

function text(number)
{
	if (!(number + 0 in strings))
		bad("no string " number)
	return strings[number + 0]
}

# Of the field of this line
function string_of(line)
{
	sub(/^[^"]*"/, "", line)
	sub(/"$/, "", line)
	return line
}

function begin(what)
{
	where = what
	id = value = locations = values = labels = 0
	mapping = address = start = limit = name = key = str = of = 0
}

# What was begun is complete.
function finish()
{
	if (where == "sample_type")
		types[nr_types++] = key " " str
	if (where == "mapping") {
		if (!id || id in begins || limit <= start)
			bad("mapping " id)
		begins[id] = start
		ends[id] = limit
	}
	if (where == "location") {
		if (!id || id in known)
			bad("location " id)
		known[id] = 1
		function_of[id] = of
		mapping_of[id] = mapping
		address_of[id] = address
	}
	if (where == "function") {
		if (!id || id in name_of)
			bad("function " id)
		name_of[id] = name
	}
	if (where == "sample") {
		if (values != 3 || !locations)
			bad("a sample of " values " values and " locations " places")
		nr_samples++
	}
}

/^[0-9 ]*[0-9]+(: | \{)/ { bad("a field that nobody knows: " $0) }

/^[a-z_]+ \{$/ { begin($1); next }
/^\}$/ { finish(); next }
/^  (label|line) \{$/ { inner = $1; key = str = 0; next }
/^  \}$/ {
	if (inner == "label")
		label[nr_samples, labels++] = key " " str
	inner = ""
	next
}
/^string_table: / { strings[nr_strings++] = string_of($0); next }
/^    key: / { key = $2; next }
/^    str: / { str = $2; next }
/^    function_id: / { of = $2; next }
/^  type: / { key = $2; next }
/^  unit: / { str = $2; next }
/^  id: / { id = $2; next }
/^  name: / { name = $2; next }
/^  location_id: / {
	location[nr_samples, locations++] = $2
	nr_locations[nr_samples] = locations
	next
}
/^  value: / { sum[nr_samples, values++] = $2; next }
/^  mapping_id: / { mapping = $2; next }
/^  address: / { address = $2; next }
/^  memory_start: / { start = $2; next }
/^  memory_limit: / { limit = $2; next }

function frame(place)
{
	if (!(place in known))
		bad("no location " place)
	if (!(function_of[place] in name_of))
		bad("no function " function_of[place])
	if (mapping_of[place] && !(mapping_of[place] in begins))
		bad("no mapping " mapping_of[place])
	if (mapping_of[place] && (address_of[place] < begins[mapping_of[place]] ||
				  address_of[place] >= ends[mapping_of[place]]))
		bad("location " place " is in no mapping")
	return text(name_of[function_of[place]])
}

function tell(nth,    i, part, class, process, ending, line)
{
	for (i = 0; (nth, i) in label; i++) {
		split(label[nth, i], part, " ")
		if (text(part[1]) == "class")
			class = text(part[2])
		else if (text(part[1]) == "process")
			process = text(part[2])
		else if (text(part[1]) == "stack_end")
			ending = ";[" text(part[2]) "]"
		else
			bad("a label " text(part[1]))
	}
	line = (process == "" ? "(no name)" : process) ending
	# The leaf comes first.
	for (i = nr_locations[nth] - 1; i >= 0; i--)
		line = line ";" frame(location[nth, i])
	printf "%s %.0f %.0f %.0f\n", line, sum[nth, 0], sum[nth, 1], sum[nth, 2]
	for (i = 0; i < 3; i++)
		of_class[class, i] += sum[nth, i]
	classes[class] = 1
}

END {
	if (failed)
		exit 1
	if (strings[0] != "")
		bad("string 0 is " strings[0])
	for (i = 0; i < nr_types; i++) {
		split(types[i], part, " ")
		kinds = kinds text(part[1]) "/" text(part[2]) " "
	}
	if (kinds != "faults/count bytes/bytes time/nanoseconds ")
		bad("it has " kinds)
	for (nth = 0; nth < nr_samples; nth++)
		tell(nth)
	for (class in classes)
		printf "class %s %.0f %.0f %.0f\n", class, of_class[class, 0],
		       of_class[class, 1], of_class[class, 2]
}

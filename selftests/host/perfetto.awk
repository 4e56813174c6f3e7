# SPDX-License-Identifier: GPL-2.0
#
# What protoc --decode=Trace perfetto.proto has made of a trace: "TRACK TIME NUMBER TYPE" of each
# event, for sort -k1,1 -k2,2n -k3,3n, and "flow ID begins|ends" of each end of a flow; exit 1
# where an event is on a track that was not told before, or a name is not told.

function bad(why)
{
	print "# perfetto: " why > "/dev/stderr"
	failed = 1
	exit 1
}

/^ *[0-9]+(: | \{)/ { bad("a field that nobody knows: " $0) }

/^packet \{$/ {
	kind = ""
	time = track = parent = 0
	next
}
/^  [a-z_]+ \{$/ { kind = $1; type = named = ""; next }
/^  timestamp: / { time = $2; next }
/^    uuid: / { track = $2; next }
/^    parent_uuid: / { parent = $2; next }
/^    track_uuid: / { track = $2; next }
/^    type: / { type = $2; next }
/^    name: / { named = 1; next }
/^    flow_ids: / { print "flow", $2, "begins"; next }
/^    terminating_flow_ids: / { print "flow", $2, "ends"; next }
/^      iid: / { interned[$2] = 1; next }
/^      name_iid: / {
	if (!($2 in interned))
		bad("no annotation is called " $2)
	next
}
/^\}$/ {
	if (kind == "track_descriptor") {
		if (!track || track in tracks || (parent && !(parent in tracks)) || !named)
			bad("track " track " of " parent)
		tracks[track] = 1
	} else if (kind == "track_event") {
		if (!(track in tracks))
			bad("an event on track " track)
		if (type != "END" && type != "COUNTER" && !named)
			bad("an event has no name")
		print track, time, ++events, type
	}
}
END {
	if (!failed && !events)
		bad("no event")
	exit failed
}

# Lists changes that could be mistakes: for each line of a function in the C files of the command line
# that one of the rules fits, a row "FILE LINE RULE TEXT", separated by tabs, TEXT being the new line.

function row(rule, text) {
	print FILENAME "\t" FNR "\t" rule "\t" text
}

# swap RULE OLD NEW: OLD, a word between blanks, becomes NEW where it comes first.
function swap(rule, old, new,    at) {
	at = index($0, " " old " ")
	if (at)
		row(rule, substr($0, 1, at) new substr($0, at + length(old) + 1))
}

FNR == 1 { comment = 0 }

# Only statements: no comment, no directive, nothing that is outside of functions.
/^[\t ]*\/\*/ { comment = 1 }
comment { if (/\*\//) comment = 0; next }
!/^\t/ || /\\$/ || /"/ { next }

{
	swap("bound", "<", "<=")
	swap("bound", "<=", "<")
	swap("bound", ">", ">=")
	swap("bound", ">=", ">")
	swap("equal", "==", "!=")
	swap("equal", "!=", "==")
	swap("logic", "&&", "||")
	swap("logic", "||", "&&")
	swap("sum", "+", "-")
	swap("sum", "-", "+")
}

match($0, /^\t+(else )?if \(/) && /\)( \{)?$/ {
	brace = /\{$/ ? " {" : ""
	inner = substr($0, RLENGTH + 1, length($0) - RLENGTH - 1 - length(brace))
	row("condition", substr($0, 1, RLENGTH) "!(" inner "))" brace)
}

match($0, /^\t+/) {
	tabs = substr($0, 1, RLENGTH)
	rest = substr($0, RLENGTH + 1)
	if (rest ~ /^[a-z_0-9]+\(.*\);$/)
		row("call", tabs ";")
	else if (rest ~ /^[a-z_][a-z_0-9>.-]*(\[[^]]*\])? [-|&+]?= [^;]*;$/)
		row("assignment", tabs ";")
	else if (rest ~ /^return -E[A-Z]+;$/)
		row("error", tabs "return 0;")
	else if (rest ~ /^return (true|false);$/)
		row("answer", tabs (rest ~ /true/ ? "return false;" : "return true;"))
	else if (rest ~ /(\+\+|--);$/)
		row("step", tabs (rest ~ /\+\+/ ? substr(rest, 1, length(rest) - 3) "--;" : \
			substr(rest, 1, length(rest) - 3) "++;"))
}

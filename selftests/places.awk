# SPDX-License-Identifier: GPL-2.0
#
# Lines "START END RIGHTS", in decimal, as what a reproducer prints with --maps: the region that each
# is in, and where there. awk -f places.awk repro.c LINES

function number(text,	i, n)
{
	n = 0
	for (i = 3; i <= length(text); i++)
		n = n * 16 + index("0123456789abcdef", substr(text, i, 1)) - 1
	return n
}

BEGIN { regions = 0 }

FNR == NR {
	if ($1 == "{" && $2 ~ /^&r[0-9]+,$/) {
		size[regions] = number(substr($3, 1, length($3) - 1))
		base[regions++] = number(substr($4, 1, length($4) - 1))
	}
	next
}

{
	for (i = 0; i < regions; i++)
		if ($1 + 0 >= base[i] && $1 < base[i] + size[i])
			printf "%d %x %x %s\n", i, $1 - base[i], $2 - base[i], $3
}

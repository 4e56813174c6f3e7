// SPDX-License-Identifier: GPL-2.0
/*
 * mmscope export alone, of objects that are built with the sanitizers, for export_test.sh. Its
 * options are the same.
 */
#include <signal.h>
#include "cmd/cmd.h"
#include "term/print.h"
#include "term/verb.h"

static const struct verb_option options[] = {
	{ 'i', "input", "FILE", "" },
	{ 'f', "format", "NAME", "" },
	{ 'o', "output", "FILE", "" },
	{ 'v', "value", "WHAT", "" },
	{ 0 }
};

static const struct verb verb = {
	.name = "export",
	.args = "",
	.summary = "",
	.options = options,
	.run = cmd_export,
};

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	report_start();
	return report_end(verb.run(&verb, argc, argv));
}

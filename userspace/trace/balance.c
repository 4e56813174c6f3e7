// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a driver's hooks told it of as many VMAs that were made as of VMAs that went. A driver
 * that counts its objects in ->open and ->close counts wrong where the numbers differ.
 */
#include <stdio.h>
#include "term/print.h"
#include "trace/balance.h"
#include "tracer/vm_ops_target.h"

/* The number of VMAs that the driver takes to be there; negative where it closed more than that. */
static long surplus(const struct vm_ops_target_balance *balance)
{
	return balance->mapped + balance->there + balance->opened - balance->closed;
}

static void print_counts(const struct vm_ops_target_balance *balance)
{
	char born[80] = "", gone[64] = "";

	if (balance->no_open)
		snprintf(born, sizeof(born),
			 ", %lu by split, fork or mremap that it has no ->open for", balance->born);
	if (balance->no_close)
		snprintf(gone, sizeof(gone), ", %lu gone that it has no ->close for",
			 balance->gone);
	report_line("VMAs: %lu by mmap, %lu there before, %lu opened%s, %lu closed%s",
		    balance->mapped, balance->there, balance->opened, born, balance->closed, gone);
}

/**
 * balance_print - print the last lines of a trace of a driver's hooks, if one is traced
 * @lost: number of records that were lost; if there are any, nobody knows whether the hooks balance
 */
void balance_print(__u64 lost)
{
	struct vm_ops_target_balance balance;
	long more;

	if (!vm_ops_target_balance(&balance))
		return;
	print_counts(&balance);
	more = surplus(&balance);
	if (lost)
		report_line("whether opens and closes balance is not known, as records were lost");
	else if (more < 0)
		report_line("%ld too many closed: the driver was not told of as many births",
			    -more);
	else if (more > 0)
		report_line("%ld not closed: still mapped, or the driver was not told of their end",
			    more);
}

/**
 * balance_json - add the same as a member "driver" to the summary
 * @line: the summary
 */
void balance_json(struct json_object *line)
{
	struct vm_ops_target_balance balance;
	struct json_object *out;

	if (!vm_ops_target_balance(&balance))
		return;
	out = json_object_new_object();
	json_object_object_add(out, "mapped", json_object_new_int64(balance.mapped));
	json_object_object_add(out, "there", json_object_new_int64(balance.there));
	json_object_object_add(out, "opened", json_object_new_int64(balance.opened));
	json_object_object_add(out, "closed", json_object_new_int64(balance.closed));
	json_object_object_add(out, "born_unasked", json_object_new_int64(balance.born));
	json_object_object_add(out, "gone_unasked", json_object_new_int64(balance.gone));
	json_object_object_add(out, "not_closed", json_object_new_int64(surplus(&balance)));
	json_object_object_add(line, "driver", out);
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Which hooks a vm_operations_struct has. Each one is read once, when somebody asks for it first.
 */
#include <stdlib.h>
#include "base/tool.h"
#include "tracer/context.h"
#include "tracer/tracer.h"
#include "tracer/vm_ops.h"

/**
 * struct ops_known - a vm_operations_struct that was read
 * @ops: its address and its hooks
 * @next: next one in the same bucket of &tracer.ops
 */
struct ops_known {
	struct raw_ops ops;
	struct ops_known *next;
};

static struct ops_known *add(__u64 ops)
{
	struct ops_known **head = &tracer->ops[ops * 0x61c8864680b583ebULL >> 58];
	struct ops_known *known = calloc(1, sizeof(*known));

	if (!known)
		abort();
	known->ops.ops = ops;
	known->next = *head;
	*head = known;
	return known;
}

/**
 * hooks_tell - set which hooks operations of a recording have, which the kernel cannot be asked for
 * @ops: number that stands for the address of the operations
 * @hooks: bits by enum raw_hook
 */
void hooks_tell(__u64 ops, __u64 hooks)
{
	struct ops_known *known = add(ops);

	for (unsigned int hook = 0; hook < RAW_NR_HOOKS; hook++)
		known->ops.hooks[hook] = hooks >> hook & 1;
}

/**
 * hooks_of - the hooks of a vm_operations_struct
 * @ops: its address, or the number that stands for it in a recording
 *
 * Return: the hooks, valid for as long as the tracer; in a recording each is 0 or 1
 */
const struct raw_ops *hooks_of(__u64 ops)
{
	struct ops_known *known = tracer->ops[ops * 0x61c8864680b583ebULL >> 58];

	while (known && known->ops.ops != ops)
		known = known->next;
	if (known)
		return &known->ops;
	known = add(ops);
	tracer_ops(&known->ops);
	return &known->ops;
}

/**
 * hooks_has - does a vm_operations_struct have a hook?
 * @ops: its address, 0 for none
 * @hook: the hook
 */
bool hooks_has(__u64 ops, enum raw_hook hook)
{
	return ops && hooks_of(ops)->hooks[hook];
}

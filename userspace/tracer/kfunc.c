// SPDX-License-Identifier: GPL-2.0
/*
 * Functions of the kernel's that the programs may call, where it has them.
 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/tool.h"
#include "bpf/tracer_abi.h"
#include "tracer/kernel_names.h"
#include "tracer/kfunc.h"

/**
 * struct call - a function of the kernel's that programs may call, where it has it
 * @number: what programs call
 * @name: of the function
 * @id: in the kernel's BTF
 */
static struct call {
	__s32 number;
	const char *name;
	__s32 id;
} calls[] = {
	{ HOLD_CALL, "bpf_preempt_disable", 0 },
	{ RELEASE_CALL, "bpf_preempt_enable", 0 },
	{ MASK_CALL, "bpf_local_irq_save", 0 },
	{ UNMASK_CALL, "bpf_local_irq_restore", 0 },
};

static const struct call *find_call(const struct bpf_insn *insn)
{
	if (insn->code != (BPF_JMP | BPF_CALL) || insn->src_reg)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].number == insn->imm)
			return &calls[i];
	return NULL;
}

static int set_calls(struct bpf_program *prog)
{
	size_t n = bpf_program__insn_cnt(prog);
	struct bpf_insn *insns = malloc(n * sizeof(*insns));
	const struct call *call;
	bool any = false;
	int error = 0;

	if (!insns)
		return -ENOMEM;
	memcpy(insns, bpf_program__insns(prog), n * sizeof(*insns));
	for (size_t i = 0; i < n; i++) {
		call = find_call(&insns[i]);
		if (!call)
			continue;
		insns[i].src_reg = BPF_PSEUDO_KFUNC_CALL;
		insns[i].imm = call->id;
		any = true;
	}
	if (any)
		error = bpf_program__set_insns(prog, insns, n);
	free(insns);
	return error;
}

/**
 * kfunc_want - have those functions looked for
 * @wanted: names that are
 */
void kfunc_want(struct kernel_names *wanted)
{
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		kernel_names_want(wanted, NAME_FUNCTION, calls[i].name, strlen(calls[i].name));
}

/**
 * kfunc_can_hold - let programs keep their CPU, as bpf/hold.bpf.h says; before 6.14 they cannot
 * @object: opened
 * @found: has what kfunc_want() wanted
 *
 * Return: whether they can
 */
bool kfunc_can_hold(const struct bpf_object *object, const struct kernel_names *found)
{
	const struct kernel_name *name;
	struct bpf_program *prog;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		name = kernel_names_get(found, NAME_FUNCTION, calls[i].name);
		if (!name || !name->id)
			return false;
		calls[i].id = name->id;
	}
	bpf_object__for_each_program(prog, object)
		if (bpf_program__autoload(prog) && set_calls(prog))
			return false;
	return true;
}

// SPDX-License-Identifier: GPL-2.0
/*
 * Functions of the kernel's that the programs may call, where it has them.
 */
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "base/tool.h"
#include "bpf/tracer_abi.h"
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
 * kfunc_can_hold - let programs keep their CPU, as bpf/hold.bpf.h says; before 6.14 they cannot
 * @object: opened
 *
 * Return: whether they can
 */
bool kfunc_can_hold(const struct bpf_object *object)
{
	struct btf *btf = btf__load_vmlinux_btf();
	struct bpf_program *prog;
	bool all = btf;

	for (size_t i = 0; i < ARRAY_SIZE(calls) && all; i++) {
		calls[i].id = btf__find_by_name_kind(btf, calls[i].name, BTF_KIND_FUNC);
		all = calls[i].id > 0;
	}
	btf__free(btf);
	if (!all)
		return false;
	bpf_object__for_each_program(prog, object)
		if (set_calls(prog))
			return false;
	return true;
}

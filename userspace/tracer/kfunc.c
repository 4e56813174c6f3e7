// SPDX-License-Identifier: GPL-2.0
/*
 * Functions of the kernel that the programs call where the kernel has them: kfuncs.
 */
#include <bpf/libbpf.h>
#include <stdlib.h>
#include <string.h>
#include "base/tool.h"
#include "bpf/tracer_abi.h"
#include "tracer/kernel_names.h"
#include "tracer/kfunc.h"

/**
 * struct call - a kfunc
 * @number: number that the compiled programs call in its place; no helper has it
 * @name: name of the function
 * @id: of the function in the kernel's BTF, 0 where the kernel does not have it
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
	{ TYPE_CALL, "bpf_rdonly_cast", 0 },
};

#define NR_HOLD_CALLS	4	/* so many calls[] are needed to hold a CPU */

static const struct call *find_call(const struct bpf_insn *insn)
{
	if (insn->code != (BPF_JMP | BPF_CALL) || insn->dst_reg || insn->src_reg || insn->off)
		return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (calls[i].number == insn->imm)
			return &calls[i];
	return NULL;
}

/*
 * Let the calls in an object call the kernel's functions. Nothing else in an object looks like the
 * call of such a number. Where a CPU cannot be held, the call to hold it becomes a jump to the next
 * instruction, which the kernel removes.
 */
static void set_calls(struct bpf_insn *insn, size_t n, const struct kfunc_can *can)
{
	const struct call *call;

	for (; n; insn++, n--) {
		call = find_call(insn);
		if (!call)
			continue;
		if (call->number == HOLD_CALL && !can->hold) {
			*insn = (struct bpf_insn){ .code = BPF_JMP | BPF_JA };
		} else if (call->id > 0) {
			insn->src_reg = BPF_PSEUDO_KFUNC_CALL;
			insn->imm = call->id;
		}
	}
}

static const char *const types[NR_TYPES] = {
	[TYPE_vm_area_struct] = "vm_area_struct",
	[TYPE_mm_struct] = "mm_struct",
	[TYPE_percpu_counter] = "percpu_counter",
	[TYPE_refcount_struct] = "refcount_struct",
	[TYPE_backing_file] = "backing_file",
};

static __u32 id_of(const struct kernel_names *names, enum name_kind kind, const char *text)
{
	const struct kernel_name *name = kernel_names_get(names, kind, text);

	return name ? name->id : 0;
}

/* Look in the kernel's BTF for the functions and the types that programs may use. */
static void find(struct kfunc_can *can, const struct btf *btf)
{
	struct kernel_names names = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		kernel_names_want(&names, NAME_FUNCTION, calls[i].name, strlen(calls[i].name));
	for (size_t i = 0; i < NR_TYPES; i++)
		kernel_names_want(&names, NAME_TYPE, types[i], strlen(types[i]));
	kernel_names_find(&names, btf);
	*can = (struct kfunc_can){ .hold = true, .type = true };
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		bool *flag = i < NR_HOLD_CALLS ? &can->hold : &can->type;

		calls[i].id = id_of(&names, NAME_FUNCTION, calls[i].name);
		*flag &= calls[i].id > 0;
	}
	for (size_t i = 0; i < NR_TYPES; i++) {
		can->types[i] = id_of(&names, NAME_TYPE, types[i]);
		can->type &= i > TYPE_refcount_struct || can->types[i];
	}
	kernel_names_free(&names);
}

/**
 * kfunc_set - let programs call those kfuncs that the kernel has
 * @object: ELF file of the programs, before libbpf opens it
 * @size: bytes of @object
 * @btf: BTF of the kernel, or NULL where it has none; then no kfunc can be called
 * @can: becomes what the programs can do with the kfuncs
 *
 * This is done before libbpf reads the object, since libbpf gives no access to the instructions of
 * functions that several programs share.
 *
 * Return: a copy of the object with the changed calls, which is never freed
 */
const void *kfunc_set(const void *object, size_t size, const struct btf *btf,
		      struct kfunc_can *can)
{
	static void *copy;

	if (copy)
		return copy;
	*can = (struct kfunc_can){ 0 };
	if (btf)
		find(can, btf);
	copy = malloc(size);
	if (!copy)
		abort();
	memcpy(copy, object, size);
	set_calls(copy, size / sizeof(struct bpf_insn), can);
	return copy;
}

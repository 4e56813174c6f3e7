// SPDX-License-Identifier: GPL-2.0
/*
 * What the tracer takes out of the kernel's types: names, all in one pass, with the ids that they
 * have there; and types, whose members lie in the copy where they lie in the kernel.
 */
#include <bpf/btf.h>
#include <string.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "base/tool.h"
#include "tracer/kernel_names.h"
#include "tracer/kernel_types.h"

FIXTURE(types) {
	struct btf *btf;
	struct kernel_names names;
	int word, inner, function, outer;
};

/*
 * struct inner { int a : 3; int b : 29; };
 * struct outer { const inner_t in[4]; struct outer *next; union { int u; void *v; }; };
 */
FIXTURE_SETUP(types)
{
	struct btf *btf = btf__new_empty();
	int array, anon, inner_t, constant, pointer, proto;

	ASSERT_NE(NULL, btf);
	memset(&self->names, 0, sizeof(self->names));
	self->btf = btf;
	self->word = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	proto = btf__add_func_proto(btf, 0);
	self->function = btf__add_func(btf, "outer", BTF_FUNC_STATIC, proto);
	self->inner = btf__add_struct(btf, "inner", 4);
	btf__add_field(btf, "a", self->word, 0, 3);
	btf__add_field(btf, "b", self->word, 3, 29);
	inner_t = btf__add_typedef(btf, "inner_t", self->inner);
	constant = btf__add_const(btf, inner_t);
	array = btf__add_array(btf, self->word, constant, 4);
	pointer = btf__add_ptr(btf, btf__type_cnt(btf) + 2);
	anon = btf__add_union(btf, NULL, 8);
	btf__add_field(btf, "u", self->word, 0, 0);
	btf__add_field(btf, "v", pointer, 0, 0);
	self->outer = btf__add_struct(btf, "outer", 32);
	btf__add_field(btf, "in", array, 0, 0);
	btf__add_field(btf, "next", pointer, 128, 0);
	btf__add_field(btf, NULL, anon, 192, 0);
	ASSERT_EQ(self->outer, btf__type_by_id(btf, pointer)->type);
	btf__add_struct(btf, "unrelated", 4);
	btf__add_typedef(btf, "btf_trace_event", pointer);
	btf__add_func(btf, "twice", BTF_FUNC_STATIC, proto);
	btf__add_func(btf, "twice", BTF_FUNC_STATIC, proto);
	btf__add_func(btf, "bpf_iter_task", BTF_FUNC_STATIC, proto);
}

FIXTURE_TEARDOWN(types)
{
	kernel_names_free(&self->names);
	btf__free(self->btf);
}

static void want(struct kernel_names *names, enum name_kind kind, const char *text)
{
	kernel_names_want(names, kind, text, strlen(text));
}

TEST_F(types, a_name_has_the_id_of_its_kind) {
	want(&self->names, NAME_FUNCTION, "outer");
	want(&self->names, NAME_TYPE, "outer");
	want(&self->names, NAME_FUNCTION, "twice");
	want(&self->names, NAME_FUNCTION, "inner");
	want(&self->names, NAME_TRACEPOINT, "event");
	want(&self->names, NAME_ITERATOR, "task");
	want(&self->names, NAME_FUNCTION, "task");
	kernel_names_find(&self->names, self->btf);
	EXPECT_EQ(self->function, kernel_names_get(&self->names, NAME_FUNCTION, "outer")->id);
	EXPECT_EQ(self->outer, kernel_names_get(&self->names, NAME_TYPE, "outer")->id);
	EXPECT_EQ(2, kernel_names_get(&self->names, NAME_FUNCTION, "twice")->found);
	EXPECT_EQ(0, kernel_names_get(&self->names, NAME_FUNCTION, "inner")->found);
	EXPECT_EQ(btf__find_by_name_kind(self->btf, "btf_trace_event", BTF_KIND_TYPEDEF),
		  kernel_names_get(&self->names, NAME_TRACEPOINT, "event")->id);
	EXPECT_EQ(btf__find_by_name_kind(self->btf, "bpf_iter_task", BTF_KIND_FUNC),
		  kernel_names_get(&self->names, NAME_ITERATOR, "task")->id);
	EXPECT_EQ(0, kernel_names_get(&self->names, NAME_FUNCTION, "task")->id);
	EXPECT_EQ(NULL, kernel_names_get(&self->names, NAME_TYPE, "unrelated"));
	ASSERT_EQ(1, self->names.nr_types);
	EXPECT_EQ(self->outer, self->names.types[0]);
}

TEST_F(types, a_name_is_not_what_begins_so) {
	kernel_names_want(&self->names, NAME_TYPE, "outer___flavour", 5);
	kernel_names_want(&self->names, NAME_TYPE, "inner_t", 7);
	want(&self->names, NAME_TYPE, "unrelate");
	want(&self->names, NAME_TYPE, "unrelated_as_well");
	kernel_names_find(&self->names, self->btf);
	EXPECT_EQ(1, self->names.nr_types);
	EXPECT_EQ(self->outer, kernel_names_get(&self->names, NAME_TYPE, "outer")->id);
}

TEST_F(types, many_names_are_all_found) {
	char texts[3000][16];
	struct btf *btf = btf__new_empty();

	for (int i = 0; i < ARRAY_SIZE(texts); i++) {
		snprintf(texts[i], sizeof(texts[i]), "name_%d", i);
		btf__add_struct(btf, texts[i], 4);
		want(&self->names, NAME_TYPE, texts[i]);
		want(&self->names, NAME_TYPE, texts[i]);
	}
	kernel_names_find(&self->names, btf);
	EXPECT_EQ(ARRAY_SIZE(texts), self->names.nr);
	EXPECT_EQ(ARRAY_SIZE(texts), self->names.nr_types);
	for (int i = 0; i < ARRAY_SIZE(texts); i++)
		EXPECT_EQ(i + 1, kernel_names_get(&self->names, NAME_TYPE, texts[i])->id);
	btf__free(btf);
}

/* What libbpf looks at when it relocates a member. */
static bool same_kind(const struct btf *a, __u32 x, const struct btf *b, __u32 y);

static bool same_members(const struct btf *a, const struct btf_type *x, const struct btf *b,
			 const struct btf_type *y)
{
	const struct btf_member *m = btf_members(x), *n = btf_members(y);

	if (x->size != y->size || btf_vlen(x) != btf_vlen(y))
		return false;
	for (int i = 0; i < btf_vlen(x); i++)
		if (strcmp(btf__name_by_offset(a, m[i].name_off),
			   btf__name_by_offset(b, n[i].name_off)) ||
		    btf_member_bit_offset(x, i) != btf_member_bit_offset(y, i) ||
		    btf_member_bitfield_size(x, i) != btf_member_bitfield_size(y, i) ||
		    !same_kind(a, m[i].type, b, n[i].type))
			return false;
	return true;
}

static const struct btf_type *stripped(const struct btf *btf, __u32 id)
{
	const struct btf_type *type = btf__type_by_id(btf, id);

	while (btf_is_mod(type) || btf_is_typedef(type))
		type = btf__type_by_id(btf, type->type);
	return type;
}

static bool same_kind(const struct btf *a, __u32 x, const struct btf *b, __u32 y)
{
	const struct btf_type *one = stripped(a, x), *other = stripped(b, y);

	if (btf_kind(one) != btf_kind(other) || btf__resolve_size(a, x) != btf__resolve_size(b, y))
		return false;
	if (btf_is_ptr(one))
		return true;
	if (btf_is_array(one))
		return btf_array(one)->nelems == btf_array(other)->nelems &&
		       same_kind(a, btf_array(one)->type, b, btf_array(other)->type);
	if (strcmp(btf__name_by_offset(a, one->name_off), btf__name_by_offset(b, other->name_off)))
		return false;
	return !btf_is_composite(one) || same_members(a, one, b, other);
}

TEST_F(types, members_lie_where_they_lay) {
	const __u32 roots[] = { self->outer };
	struct btf *some = kernel_types_extract(self->btf, roots, 1);
	int outer;

	ASSERT_NE(NULL, some);
	outer = btf__find_by_name_kind(some, "outer", BTF_KIND_STRUCT);
	ASSERT_GT(outer, 0);
	EXPECT_TRUE(same_kind(self->btf, self->outer, some, outer));
	EXPECT_LT(btf__find_by_name_kind(some, "unrelated", BTF_KIND_STRUCT), 0);
	btf__free(some);
}

TEST_F(types, a_type_that_is_no_member_is_not_copied) {
	const __u32 roots[] = { self->function };

	EXPECT_EQ(NULL, kernel_types_extract(self->btf, roots, 1));
}

/* The kernel that this runs on: all types that the tracer's largest ones need. */
TEST_F(types, those_of_a_kernel_are_the_same) {
	static const char *const texts[] = {
		"task_struct", "mm_struct", "vm_area_struct", "file", "inode", "mem_cgroup",
	};
	struct btf *btf = btf__load_vmlinux_btf(), *some;
	const struct kernel_name *name;
	int id;

	if (!btf)
		SKIP(return, "this kernel does not tell its types");
	for (int i = 0; i < ARRAY_SIZE(texts); i++)
		want(&self->names, NAME_TYPE, texts[i]);
	kernel_names_find(&self->names, btf);
	some = kernel_types_extract(btf, self->names.types, self->names.nr_types);
	ASSERT_NE(NULL, some);
	EXPECT_LT(btf__type_cnt(some), btf__type_cnt(btf) / 10);
	for (int i = 0; i < ARRAY_SIZE(texts); i++) {
		name = kernel_names_get(&self->names, NAME_TYPE, texts[i]);
		if (!name->found)
			continue;
		EXPECT_EQ(btf__find_by_name_kind(btf, texts[i], BTF_KIND_STRUCT), name->id);
		id = btf__find_by_name_kind(some, texts[i], BTF_KIND_STRUCT);
		ASSERT_GT(id, 0);
		EXPECT_TRUE(same_kind(btf, name->id, some, id))
			TH_LOG("%s", texts[i]);
	}
	btf__free(some);
	btf__free(btf);
}

TEST_HARNESS_MAIN

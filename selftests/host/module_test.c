// SPDX-License-Identifier: GPL-2.0
/*
 * What doctor says of a module that is not loaded, on machines that are made of files.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "harness.h"
#undef __printf
#undef __noreturn
#undef ARRAY_SIZE
#include "doctor/module.h"

#define RUNNING	"6.12.1-amd64"

FIXTURE(module) {
	char root[32];
};

FIXTURE_SETUP(module)
{
	strcpy(self->root, "/tmp/module.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->root));
}

FIXTURE_TEARDOWN(module)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf '%s'", self->root);
	EXPECT_EQ(0, system(command));
}

/* Make a file, and the folders above it */
static bool put(const char *root, const char *name, const char *text, size_t n)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s%s", root, name);
	for (char *slash = path + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(path, 0755);
	}
	file = fopen(path, "w");
	if (!file)
		return false;
	fwrite(text, 1, n, file);
	return !fclose(file);
}

static bool put_module(const char *root, const char *release, const char *magic)
{
	char name[128], text[128];
	int n = snprintf(text, sizeof(text), "ELF%c%s%cvermagic=%s SMP preempt%c", 0, "license=GPL",
			 0, magic, 0);

	snprintf(name, sizeof(name), "/lib/modules/%s/updates/mmscope.ko", release);
	return put(root, name, text, n);
}

static const char *todo(const char *root)
{
	struct module_file file;

	module_look(root, RUNNING, &file);
	return module_todo(&file, RUNNING, module_why_signed(root));
}

TEST_F(module, it_is_nowhere)
{
	EXPECT_STREQ("insmod mmscope.ko, as root; or make shell: a VM", todo(self->root));
}

TEST_F(module, it_is_installed)
{
	ASSERT_TRUE(put_module(self->root, "6.1.0-9-amd64", "6.1.0-9-amd64"));
	ASSERT_TRUE(put_module(self->root, RUNNING, RUNNING));
	ASSERT_TRUE(put_module(self->root, "7.1.0", "7.1.0"));
	EXPECT_STREQ("modprobe mmscope, as root", todo(self->root));
}

TEST_F(module, it_is_for_another_kernel)
{
	ASSERT_TRUE(put_module(self->root, "6.1.0-9-amd64", "6.1.0-9-amd64"));
	EXPECT_EQ(todo(self->root), strstr(todo(self->root), "it is built for 6.1.0-9-amd64: "));
}

TEST_F(module, it_was_built_for_another_kernel)
{
	ASSERT_TRUE(put_module(self->root, RUNNING, "6.12.0-amd64"));
	EXPECT_EQ(todo(self->root), strstr(todo(self->root), "it is built for 6.12.0-amd64: "));
}

TEST_F(module, it_is_compressed)
{
	ASSERT_TRUE(put(self->root, "/lib/modules/" RUNNING "/updates/dkms/mmscope.ko.xz", "\xfd",
			1));
	EXPECT_STREQ("modprobe mmscope, as root", todo(self->root));
}

TEST_F(module, it_has_to_be_signed)
{
	ASSERT_TRUE(put_module(self->root, RUNNING, RUNNING));
	ASSERT_TRUE(put(self->root, "/sys/module/module/parameters/sig_enforce", "N\n", 2));
	ASSERT_TRUE(put(self->root, "/sys/kernel/security/lockdown",
			"[none] integrity confidentiality\n", 33));
	EXPECT_EQ(NULL, module_why_signed(self->root));
	ASSERT_TRUE(put(self->root, "/sys/module/module/parameters/sig_enforce", "Y\n", 2));
	EXPECT_STREQ("module.sig_enforce", module_why_signed(self->root));
	ASSERT_TRUE(put(self->root, "/sys/kernel/security/lockdown",
			"none [integrity] confidentiality\n", 33));
	EXPECT_STREQ("lockdown", module_why_signed(self->root));
	ASSERT_TRUE(put(self->root, "/sys/firmware/efi/efivars/"
			"SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", "\6\0\0\0\1", 5));
	EXPECT_EQ(todo(self->root), strstr(todo(self->root), "Secure Boot: only modules with a"));
}

TEST_HARNESS_MAIN

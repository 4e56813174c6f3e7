// SPDX-License-Identifier: GPL-2.0
/*
 * The module while it is not loaded: is it there, is it for this kernel, and would it be taken?
 */
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/proc.h"
#include "base/tool.h"
#include "doctor/module.h"

#define PLACES		"/lib/modules/*/{updates,updates/dkms,extra,misc}/mmscope.ko*"
#define SECURE_BOOT	"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define VERMAGIC	"vermagic="

/* Of a module that is not compressed: "vermagic=RELEASE SMP ..." */
static void read_release(const char *path, char *release)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *text, *magic;
	struct stat st;

	if (fd < 0)
		return;
	if (!fstat(fd, &st) && st.st_size > 0) {
		text = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		magic = text == MAP_FAILED ? NULL :
			memmem(text, st.st_size, VERMAGIC, strlen(VERMAGIC));
		if (magic) {
			size_t left = text + st.st_size - magic - strlen(VERMAGIC);
			size_t most = left < MODULE_RELEASE - 1 ? left : MODULE_RELEASE - 1;
			size_t n;

			magic += strlen(VERMAGIC);
			for (n = 0; n < most && magic[n] && magic[n] != ' '; n++)
				release[n] = magic[n];
			release[n] = '\0';
		}
		if (text != MAP_FAILED)
			munmap((void *)text, st.st_size);
	}
	close(fd);
}

/**
 * module_look - find the module
 * @root: "", or what is in front of /lib
 * @running: release of the running kernel
 * @file: becomes what was found; if it is installed for several kernels, that of @running
 */
void module_look(const char *root, const char *running, struct module_file *file)
{
	char pattern[4096];
	glob_t found;

	memset(file, 0, sizeof(*file));
	snprintf(pattern, sizeof(pattern), "%s" PLACES, root);
	if (glob(pattern, GLOB_BRACE, NULL, &found))
		return;
	for (size_t i = 0; i < found.gl_pathc && !file->installed; i++) {
		const char *at = found.gl_pathv[i] + strlen(root) + strlen("/lib/modules/");

		snprintf(file->release, sizeof(file->release), "%.*s", (int)strcspn(at, "/"), at);
		file->installed = !strcmp(file->release, running);
		if (file->installed)
			read_release(found.gl_pathv[i], file->release);
	}
	globfree(&found);
}

static bool says(const char *root, const char *name, const char *what)
{
	char path[4096], word[64];

	snprintf(path, sizeof(path), "%s%s", root, name);
	return proc_word(path, word, sizeof(word)) && strstr(word, what);
}

/* Four bytes of attributes, and one that is the value */
static bool secure_boot(const char *root)
{
	unsigned char text[5] = { 0 };
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s" SECURE_BOOT, root);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text)) != sizeof(text))
		text[4] = 0;
	close(fd);
	return text[4] == 1;
}

/**
 * module_why_signed - why the running kernel loads modules only if they are signed
 * @root: "", or what is in front of /sys
 *
 * Return: what demands it, or NULL if nothing does
 */
const char *module_why_signed(const char *root)
{
	static const char lockdown[] = "/sys/kernel/security/lockdown";

	/* Debian locks the kernel down for Secure Boot; others may have either alone. */
	if (says(root, lockdown, "[integrity]") || says(root, lockdown, "[confidentiality]"))
		return secure_boot(root) ? "Secure Boot" : "lockdown";
	if (says(root, "/sys/module/module/parameters/sig_enforce", "Y"))
		return "module.sig_enforce";
	return NULL;
}

/**
 * module_todo - how to get the module loaded
 * @file: from module_look()
 * @running: release of the running kernel
 * @why: from module_why_signed()
 *
 * Return: a sentence, valid until the next call
 */
const char *module_todo(const struct module_file *file, const char *running, const char *why)
{
	static char text[400];

	if (*file->release && strcmp(file->release, running))
		snprintf(text, sizeof(text), "it is built for %s: build it for this kernel (make, "
			 "or dkms autoinstall)", file->release);
	else if (why)
		snprintf(text, sizeof(text), "%s: only modules with a signature are loaded, by a "
			 "key that the machine knows (mokutil); or make shell: a VM", why);
	else if (file->installed)
		snprintf(text, sizeof(text), "modprobe mmscope, as root");
	else
		snprintf(text, sizeof(text), "insmod mmscope.ko, as root; or make shell: a VM");
	return text;
}

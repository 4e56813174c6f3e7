/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_DOCTOR_MODULE_H
#define MMSCOPE_DOCTOR_MODULE_H

#include <stdbool.h>

#define MODULE_RELEASE	65	/* as of struct utsname */

/**
 * struct module_file - where the module is installed
 * @installed: for the running kernel
 * @release: the kernel that it is built for, as its file says; else the one that it is installed
 *	for; "" where it is not installed
 */
struct module_file {
	bool installed;
	char release[MODULE_RELEASE];
};

void module_look(const char *root, const char *running, struct module_file *file);
const char *module_why_signed(const char *root);
const char *module_todo(const struct module_file *file, const char *running, const char *why);

#endif

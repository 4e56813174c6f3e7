// SPDX-License-Identifier: GPL-2.0
/*
 * libmicrohttpd is loaded when somebody wants to listen, and not before: it brings GnuTLS and eight
 * other libraries, whose loading would take each start of the tool as long as all else together.
 */
#include <dlfcn.h>
#include <stddef.h>
#include "base/tool.h"
#include "scrape/httpd.h"

#define LIBRARY	"libmicrohttpd.so.12"	/* from Debian 10 on */

struct httpd httpd;

#define FUNCTION(name)	{ "MHD_" #name, offsetof(struct httpd, name) }

static const struct {
	const char *name;
	size_t at;
} functions[] = {
	FUNCTION(start_daemon), FUNCTION(stop_daemon), FUNCTION(get_daemon_info), FUNCTION(run),
	FUNCTION(create_response_from_buffer), FUNCTION(add_response_header),
	FUNCTION(queue_response), FUNCTION(destroy_response),
};

/**
 * httpd_load - have the functions in &httpd
 *
 * Return: NULL, or why they are not there
 */
const char *httpd_load(void)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	for (size_t i = 0; library && i < ARRAY_SIZE(functions); i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function)
			return dlerror();
		*(void **)((char *)&httpd + functions[i].at) = function;
	}
	return library ? NULL : dlerror();
}

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SCRAPE_ADDRESS_H
#define MMSCOPE_SCRAPE_ADDRESS_H

#include <stdbool.h>
#include <netinet/in.h>

#define SERVER_PORT	"9873"	/* where none is given */

/**
 * struct address - where somebody listens
 * @size: of @any
 * @any: IPv4 or IPv6
 */
struct address {
	socklen_t size;
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	};
};

const char *address_parse(struct address *address, const char *text);
bool address_is_local(const struct address *address);

#endif

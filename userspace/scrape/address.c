// SPDX-License-Identifier: GPL-2.0
/*
 * An address and a port, as they are written: 127.0.0.1:9873, [::1]:9873, localhost:9873, 9873.
 * Names are not looked up: who listens somewhere is to see where.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "scrape/address.h"

static bool parse_port(const char *text, in_port_t *port)
{
	size_t n = strspn(text, "0123456789");
	unsigned long number = strtoul(text, NULL, 10);

	if (!n || n > 5 || text[n] || !number || number > 65535)
		return false;
	*port = htons(number);
	return true;
}

/* Without an address, nobody from elsewhere is answered. */
static bool parse_host(struct address *address, const char *text)
{
	if (!*text || !strcmp(text, "localhost"))
		text = "127.0.0.1";
	memset(&address->v6, 0, sizeof(address->v6));
	if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
		address->v4.sin_family = AF_INET;
		address->size = sizeof(address->v4);
		return true;
	}
	if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) != 1)
		return false;
	address->v6.sin6_family = AF_INET6;
	address->size = sizeof(address->v6);
	return true;
}

/*
 * Part a text at its last colon. An address of IPv6 has colons itself, and so stands in brackets
 * where a port follows.
 */
static const char *part(char *text, const char **host, const char **port)
{
	char *colon = strrchr(text, ':'), *bracket = strchr(text, ']');

	*host = text;
	*port = NULL;
	if (*text == '[') {
		if (!bracket || (bracket[1] && bracket[1] != ':'))
			return "an address of IPv6 is in brackets: [::1]:" SERVER_PORT;
		*host = text + 1;
		*bracket = '\0';
		*port = bracket[1] ? bracket + 2 : NULL;
	} else if (colon && strchr(text, ':') == colon) {
		*colon = '\0';
		*port = colon + 1;
	} else if (!colon && !strchr(text, '.') && text[strspn(text, "0123456789")] == '\0') {
		*host = "";
		*port = text;
	}
	return NULL;
}

/**
 * address_parse - read an address and a port
 * @address: becomes it
 * @text: ADDRESS:PORT, PORT or ADDRESS
 *
 * Return: NULL, or what is wrong with it
 */
const char *address_parse(struct address *address, const char *text)
{
	const char *why, *host, *port;
	char copy[80];
	in_port_t number;

	if (strlen(text) >= sizeof(copy))
		return "no address";
	strcpy(copy, text);
	why = part(copy, &host, &port);
	if (why)
		return why;
	if (!parse_host(address, host))
		return "no address: 127.0.0.1:" SERVER_PORT " or [::1]:" SERVER_PORT
		       "; names are not looked up";
	if (!parse_port(port ? port : SERVER_PORT, &number))
		return "no port from 1 to 65535";
	if (address->any.sa_family == AF_INET)
		address->v4.sin_port = number;
	else
		address->v6.sin6_port = number;
	return NULL;
}

/**
 * address_is_local - can nobody reach it who is on another machine?
 * @address: it
 */
bool address_is_local(const struct address *address)
{
	if (address->any.sa_family == AF_INET)
		return ntohl(address->v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
	return IN6_IS_ADDR_LOOPBACK(&address->v6.sin6_addr);
}

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SCRAPE_SERVER_H
#define MMSCOPE_SCRAPE_SERVER_H

#include <stddef.h>

int server_open(const char *where, char *(*text)(size_t *n));
int server_fd(void);
void server_run(void);
void server_wait(void);
void server_close(void);

#endif

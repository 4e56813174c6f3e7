/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_SCRAPE_TEXTFILE_H
#define MMSCOPE_SCRAPE_TEXTFILE_H

#include <stddef.h>

int textfile_write(const char *path, const char *text, size_t n);
int textfile_check(const char *path);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_SHELL_WORD_H
#define MMSCOPE_BASE_SHELL_WORD_H

#include <stdio.h>

void shell_word(FILE *to, const char *word);

#endif

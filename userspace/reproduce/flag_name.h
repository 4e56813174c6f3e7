/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_REPRODUCE_FLAG_NAME_H
#define MMSCOPE_REPRODUCE_FLAG_NAME_H

#include <stdio.h>
#include <linux/types.h>

void flag_name_protection(__u64 value, FILE *out);
void flag_name_mapping(__u64 value, FILE *out);
void flag_name_moving(__u64 value, FILE *out);
void flag_name_advice(__u64 value, FILE *out);

#endif

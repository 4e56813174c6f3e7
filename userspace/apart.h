/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_APART_H
#define MMSCOPE_APART_H

#include <linux/mmscope.h>

struct area;
struct space;

enum mmscope_why apart_why(const struct area *low, const struct area *high);
void apart_tell(struct space *space, struct area *area);

#endif

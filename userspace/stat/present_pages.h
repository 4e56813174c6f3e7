/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_STAT_PRESENT_PAGES_H
#define MMSCOPE_STAT_PRESENT_PAGES_H

struct mm;

void present_pages(const struct mm *mm);

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_BASE_NAME_STORE_H
#define MMSCOPE_BASE_NAME_STORE_H

const char *name_keep(const char *name);

#endif

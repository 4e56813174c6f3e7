/* SPDX-License-Identifier: GPL-2.0 */
/* The parameters of the module */
#ifndef MMSCOPE_PARAM_H
#define MMSCOPE_PARAM_H

/* Module parameters; checked in main.c, constant afterwards. */
extern unsigned int mmscope_max_pages;
extern unsigned int mmscope_events;
extern unsigned int mmscope_idle_mms;
extern unsigned int mmscope_dead_mms;

#endif

/* SPDX-License-Identifier: GPL-2.0 */
#ifndef MMSCOPE_TALLY_REPORT_H
#define MMSCOPE_TALLY_REPORT_H

void tally_report(void);

#endif

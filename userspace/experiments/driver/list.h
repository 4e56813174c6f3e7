/* SPDX-License-Identifier: GPL-2.0 */
/* F  what a driver sees */
EXPERIMENT(hooks)
EXPERIMENT(write_notify)
EXPERIMENT(double_fault)
EXPERIMENT(veto)
EXPERIMENT(remote)

/* SPDX-License-Identifier: GPL-2.0 */
/* C  pages, copies and faults */
EXPERIMENT(addr_width)
EXPERIMENT(iomem)
EXPERIMENT(e820)
EXPERIMENT(optrom)
EXPERIMENT(linear)
EXPERIMENT(layout)
EXPERIMENT(buddy)
EXPERIMENT(pf_branches)
EXPERIMENT(cow)
EXPERIMENT(private_cow)
EXPERIMENT(kernel_fault)
EXPERIMENT(sigbus)

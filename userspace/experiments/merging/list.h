/* SPDX-License-Identifier: GPL-2.0 */
/* D  regions, merging, demand paging */
EXPERIMENT(aslr)
EXPERIMENT(maps_explain)
EXPERIMENT(size_vs_run)
EXPERIMENT(who_allocates)
EXPERIMENT(maple)
EXPERIMENT(merge)
EXPERIMENT(bss_zero)
EXPERIMENT(fault_around)
EXPERIMENT(swap_fault)
EXPERIMENT(ctx_switch)
EXPERIMENT(kalloc)
EXPERIMENT(vmalloc_map)

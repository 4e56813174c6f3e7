/* SPDX-License-Identifier: GPL-2.0 */
/* A  address space, and giving memory back */
EXPERIMENT(hint)
EXPERIMENT(map_fixed)
EXPERIMENT(munmap_basics)
EXPERIMENT(partial_munmap)
EXPERIMENT(dontneed)
EXPERIMENT(mprotect)
EXPERIMENT(mremap)

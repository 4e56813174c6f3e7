# SPDX-License-Identifier: GPL-2.0
#
# The front door; `make help` says what it opens.  The work is done by kmod/Kbuild,
# userspace/Makefile, selftests/Makefile and the programs of scripts/.
#
# kbuild is never called with M= here: its clean removes every object below.

KDIR	?= /lib/modules/$(shell uname -r)/build
PREFIX	?= /usr/local
# Not in everybody's PATH.
DEPMOD	?= PATH=$$PATH:/usr/sbin:/sbin depmod
MODINFO	?= PATH=$$PATH:/usr/sbin:/sbin modinfo
# The kernel of demo, shell and bench, and the kernels of test; see scripts/kernels.
K	?=
# Only the tests whose name contains it.
T	?=
# Settings to run the experiments under instead; see scripts/matrix.
S	?=
# How long soak runs; see scripts/soak.
OPS	?=
FAULTS	?=
# Releases of Debian; see scripts/packages.
SUITE	?=

kernel	:= $(if $(K),-k $(firstword $(K)))

all: tool module

tool:
	@$(MAKE) -C userspace

# A machine without headers can still build the tool, and use a VM.
module:
	@if [ -e $(KDIR)/Makefile ]; then \
		$(MAKE) -C $(KDIR) M=$(CURDIR)/kmod modules; \
	else \
		echo "The module is not built: there is no $(KDIR)."; \
		echo "Install linux-headers-$$(uname -r), or name a kernel tree with KDIR=,"; \
		echo "or see the module at work in a VM: make demo"; \
	fi

demo:
	@scripts/setup demo $(firstword $(K))
	@scripts/vm $(kernel) demo

shell:
	@scripts/setup demo $(firstword $(K))
	@scripts/vm $(kernel) shell

check:
	@scripts/check $(if $(T),-t $(T))

check-driver:
	@scripts/vm -n $(if $(K),-k $(K)) $(foreach ko,$(KO),-l $(ko)) check $(ARGS) $(DEV)

test:
	@scripts/test $(if $(T),-t $(T)) $(if $(CHECKED),-r $(CHECKED)) $(K)

soak:
	@scripts/soak $(if $(OPS),-n $(OPS)) $(if $(FAULTS),-f $(FAULTS)) $(if $(T),-t $(T)) $(K)

coverage:
	@scripts/coverage $(if $(T),-t $(T)) $(firstword $(K))

# Do the tests bite? Hours; N= how many, ROUND= quick, or full for what survives the quick one.
mutants:
	@scripts/mutants $(if $(firstword $(K)),-k $(firstword $(K))) $(if $(N),-n $(N)) \
		$(if $(ROUND),-c -r $(ROUND))

bench:
	@$(if $(filter reader,$(T)),scripts/bench_reader,scripts/bench $(kernel))

matrix:
	@scripts/matrix $(addprefix -s ,$(S)) $(K)

lint:
	@scripts/lint

targets:
	@scripts/targets -a

# Unsigned: the key that the kernel's own modules are signed by is not in its headers, and what
# signs would only complain. depmod is called here, as kbuild wants a System.map for that.
install: tool
	@$(MAKE) -s -C userspace install PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)
	@if [ -e kmod/mmscope.ko ]; then \
		$(MAKE) -s -C $(KDIR) M=$(CURDIR)/kmod modules_install CONFIG_MODULE_SIG_ALL= \
			DEPMOD=true $(if $(DESTDIR),INSTALL_MOD_PATH=$(DESTDIR)); \
		$(DEPMOD) $(if $(DESTDIR),-b $(DESTDIR)) \
			"$$($(MODINFO) -F vermagic kmod/mmscope.ko | cut -d ' ' -f 1)"; \
	else \
		echo "The module is not installed: it is not built."; \
	fi

uninstall:
	@$(MAKE) -s -C userspace uninstall PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)
	@for module in $(DESTDIR)/lib/modules/*/updates/mmscope.ko* \
		$(DESTDIR)/lib/modules/*/extra/mmscope.ko*; do \
		[ -e "$$module" ] || continue; \
		rm -f "$$module"; \
		release=$${module#$(DESTDIR)/lib/modules/}; \
		$(DEPMOD) $(if $(DESTDIR),-b $(DESTDIR)) "$${release%%/*}"; \
	done

deb:
	@scripts/setup deb
	@scripts/deb

test-packages:
	@scripts/setup packages
	@scripts/packages $(if $(T),-o $(T)) $(SUITE)

# Without kbuild: its headers may be gone.
clean:
	@$(MAKE) -s -C userspace clean
	@find kmod \( -name '*.o' -o -name '*.ko' -o -name '*.mod' -o -name '*.mod.c' \
		-o -name '.*.cmd' -o -name '.*.d' -o -name modules.order \
		-o -name Module.symvers -o -name '.tmp_*' \) -exec rm -rf {} +
	@rm -rf build

help:
	@echo 'make            the tool, and the module for the running kernel (or KDIR=)'
	@echo 'make tool       the tool alone'
	@echo 'make module     the module alone'
	@echo 'make demo       all experiments in a VM, and what the module counted'
	@echo 'make check      the tests that need no VM, in seconds'
	@echo 'make test       the selftests, on every kernel; T= names some'
	@echo 'make soak       the same for hours: OPS= operations, FAULTS= faults a kernel'
	@echo 'make coverage   which lines of the module the selftests run, on K=debug'
	@echo 'make mutants    which changed lines of the module no selftest misses: N=, ROUND=full'
	@echo 'make matrix     every experiment on every kernel, as a table; S= settings'
	@echo 'make bench      what an event costs, in instructions; T=reader: what it costs to print it'
	@echo 'make shell      a shell in the VM, with the module loaded'
	@echo 'make check-driver DEV=/dev/X KO=FILE.ko [ARGS=...]'
	@echo '                mmscope check of a driver, in a VM for each dangerous check'
	@echo 'make lint       every check there is without running anything'
	@echo 'make targets    each of these from a tree as cloned'
	@echo 'make install    the tool, its manual and the module (PREFIX=, DESTDIR=)'
	@echo 'make uninstall  take that away again'
	@echo 'make deb        packages for Debian: the tool, and the module for dkms, in build/deb'
	@echo 'make test-packages  build in clean roots (SUITE=), install, use, remove, purge'
	@echo 'make clean      leave the tree as cloned'
	@echo
	@echo 'K= takes the path of a built kernel tree, or one of' \
		$$(sed 's/#.*//' scripts/kernels | awk '{ print $$1 }')

.PHONY: all tool module demo shell check check-driver test soak coverage mutants bench matrix lint targets \
	install uninstall deb test-packages clean help

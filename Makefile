# ukmem: make, make run, make check, make bench, make install, make clean
#
# Variables:
#   BUILD=dir        where results go (default build)
#   DEBUG=1          -Og, lock order and internal checks
#   SANITIZE=...     address | undefined | thread (give each a BUILD of its own)
#   CC=clang         any C11 compiler with asm goto outputs: gcc 11, clang 14 and later
#   DESTDIR, PREFIX, LIBDIR   for make install

BUILD   ?= build
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
VERSION := 0.1.0
SONAME  := libukmem.so.0

OPTIMISE = $(if $(DEBUG),-Og -DUKMEM_DEBUG,-O2)
CFLAGS  ?= -g $(OPTIMISE)
WARN     = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
SAN      = $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer)
COMMON   = -std=gnu11 -D_GNU_SOURCE $(WARN) -Iinclude $(SAN) $(CFLAGS) $(EXTRA) -MMD -MP
# Loops of a few instructions: one that lies across two lines of code takes a quarter longer.
LIBFLAGS = $(COMMON) -Isrc -fPIC -fvisibility=hidden -fno-semantic-interposition -falign-loops=32

PRELOAD_SRC := $(sort $(wildcard src/preload/*.c))
PRELOAD_OBJ := $(PRELOAD_SRC:%.c=$(BUILD)/%.o)
LIB_SRC := $(filter-out $(PRELOAD_SRC),$(sort $(wildcard src/*/*.c)))
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o)
TOOL_SRC := $(sort $(wildcard tools/*.c tools/inspect/*.c))
TOOL_OBJ := $(TOOL_SRC:%.c=$(BUILD)/%.o)
ORACLE_SRC := $(sort $(wildcard tools/oracle/*.c))
ORACLE_OBJ := $(ORACLE_SRC:%.c=$(BUILD)/%.o)

# What tools/inspect/ is made with.
INSPECT_LIBS := -ldw -lelf -lz -ljansson -lncurses -ltinfo -lmicrohttpd

LIBS    := $(BUILD)/libukmem.so $(BUILD)/libukmem.a \
           $(BUILD)/libukmem-malloc.so $(BUILD)/libukmem-malloc.a
PROGRAMS := $(BUILD)/ukmem $(BUILD)/ukmem-oracle

.DEFAULT_GOAL := all
include side/side.mk

.PHONY: all lib run check check-long prove install clean deps
all: $(LIBS) $(PROGRAMS)
lib: $(LIBS)

# A fresh machine has no compiler: install what is missing before the first object.
deps:
	@scripts/deps.sh build
$(LIB_OBJ) $(PRELOAD_OBJ) $(TOOL_OBJ) $(ORACLE_OBJ): | deps

$(BUILD)/src/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(LIBFLAGS) -c $< -o $@

$(BUILD)/tools/oracle/%.o: tools/oracle/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(COMMON) -Isrc -c $< -o $@

$(BUILD)/tools/%.o: tools/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(COMMON) -c $< -o $@

# Asks the library's parser, which has no public name, about --options.
$(BUILD)/tools/run.o: EXTRA += -Isrc

# Puts the page into the program.
$(BUILD)/tools/inspect/report.o: $(wildcard tools/report/*)

# Sections by name: .bss, .bss.long, .bss.rare (base/compiler.h).
SHARED := -shared -static-libgcc -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now -Wl,--sort-section=name \
          $(if $(SANITIZE),,-Wl,-z,defs)

$(BUILD)/$(SONAME): $(LIB_OBJ) src/libukmem.map
	$(CC) $(SAN) $(SHARED) -Wl,-soname,$(SONAME) -Wl,--version-script,src/libukmem.map \
	    $(LIB_OBJ) -o $@ -lpthread

$(BUILD)/libukmem.so: $(BUILD)/$(SONAME)
	ln -sf $(SONAME) $@

$(BUILD)/libukmem.a: $(LIB_OBJ)
	rm -f $@
	$(AR) rcs $@ $^

# All of the library with malloc's names besides. Those carry no version, so that they
# serve who asks for glibc's; the rest has libukmem's, so that a program linked with
# libukmem.so shares this heap.
$(BUILD)/libukmem-malloc.so: $(LIB_OBJ) $(PRELOAD_OBJ) src/libukmem.map
	sed '/^local:/,/\*;/d' src/libukmem.map > $(BUILD)/libukmem-malloc.map
	$(CC) $(SAN) $(SHARED) -Wl,-soname,libukmem-malloc.so \
	    -Wl,--version-script,$(BUILD)/libukmem-malloc.map -Wl,-z,initfirst \
	    $(LIB_OBJ) $(PRELOAD_OBJ) -o $@ -lpthread

$(BUILD)/libukmem-malloc.a: $(LIB_OBJ) $(filter-out %/deepbind.o,$(PRELOAD_OBJ))
	rm -f $@
	$(AR) rcs $@ $^

# What is installed; those above are for the library's own tests, which look inside.
STATIC_LIBS := $(BUILD)/static/libukmem.a $(BUILD)/static/libukmem-malloc.a
$(BUILD)/static/%.a: $(BUILD)/%.a scripts/own_names.sh
	@mkdir -p $(@D)
	scripts/own_names.sh $< $@

$(BUILD)/ukmem: $(TOOL_OBJ) $(BUILD)/libukmem.a
	$(CC) $(SAN) $^ -o $@ -lzstd $(INSPECT_LIBS) -lm -lpthread

$(BUILD)/ukmem-oracle: $(ORACLE_OBJ) $(BUILD)/libukmem.a
	$(CC) $(SAN) $^ -o $@ -lzstd -lm -lpthread

run: all
	$(BUILD)/ukmem replay tests/data/compile.kmt.zst

include tests/tests.mk

include bench/bench.mk

prove:
	@scripts/deps.sh prove
	BUILD=$(BUILD) tests/prove/run.sh

install: $(LIBS) $(STATIC_LIBS) $(PROGRAMS) $(WORKERS) install-side
	install -d $(DESTDIR)$(PREFIX)/include/ukmem $(DESTDIR)$(LIBDIR)/pkgconfig \
	    $(DESTDIR)$(LIBDIR)/cmake/ukmem $(DESTDIR)$(LIBDIR)/ukmem $(DESTDIR)$(PREFIX)/bin \
	    $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 include/ukmem/*.h $(DESTDIR)$(PREFIX)/include/ukmem
	install -m 755 $(BUILD)/$(SONAME) $(DESTDIR)$(LIBDIR)/$(SONAME).$(VERSION)
	ln -sf $(SONAME).$(VERSION) $(DESTDIR)$(LIBDIR)/$(SONAME)
	ln -sf $(SONAME) $(DESTDIR)$(LIBDIR)/libukmem.so
	install -m 644 $(STATIC_LIBS) $(DESTDIR)$(LIBDIR)
	install -m 755 $(BUILD)/libukmem-malloc.so $(DESTDIR)$(LIBDIR)
	for file in ukmem.pc:pkgconfig ukmemConfig.cmake:cmake/ukmem \
	    ukmemConfigVersion.cmake:cmake/ukmem; do \
	    sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@LIBDIR@|$(LIBDIR)|g' \
	        -e 's|@VERSION@|$(VERSION)|g' \
	        -e "s|@PREFIX_FROM_LIBDIR@|$$(realpath -ms --relative-to=$(LIBDIR) $(PREFIX))|g" scripts/$${file%%:*}.in \
	        > $(DESTDIR)$(LIBDIR)/$${file##*:}/$${file%%:*}; done
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(WORKERS) $(DESTDIR)$(LIBDIR)/ukmem
	install -d $(DESTDIR)$(PREFIX)/share/man/man3 $(DESTDIR)$(PREFIX)/share/man/man7 \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	for section in 1 3 7; do \
	    install -m 644 man/*.$$section $(DESTDIR)$(PREFIX)/share/man/man$$section; done
	ln -sf ukmem-tune.1 $(DESTDIR)$(PREFIX)/share/man/man1/ukmem-shrink.1
	for command in run replay bench; do \
	    ln -sf ukmem.1 $(DESTDIR)$(PREFIX)/share/man/man1/ukmem-$$command.1; done
	install -m 644 scripts/completion/ukmem.bash \
	    $(DESTDIR)$(PREFIX)/share/bash-completion/completions/ukmem

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name kernel-code -prune -o -name '*.d' -type f -print 2>/dev/null)

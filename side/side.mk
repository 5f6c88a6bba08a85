# side.mk: small libraries beside the core, with what it may not depend on or need not have.
#
#   libukmem-rcu.so, .a  freeing after a grace period of userspace RCU (liburcu)
#   libukmem-testing.a   what Linux's tools/testing expects of an allocator

SIDE_LIBS := $(BUILD)/libukmem-rcu.so $(BUILD)/libukmem-rcu.a $(BUILD)/libukmem-testing.a
RCU_SONAME := libukmem-rcu.so.0
LIBS += $(SIDE_LIBS)

$(BUILD)/side/rcu/rcu.o: | deps
$(BUILD)/side/%.o: side/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(COMMON) -Iinclude/compat -fPIC -fvisibility=hidden -c $< -o $@

$(BUILD)/libukmem-testing.a: $(BUILD)/side/testing/hooks.o
	rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/libukmem-rcu.so: $(BUILD)/side/rcu/rcu.o $(BUILD)/libukmem.so
	$(CC) $(SAN) -shared -Wl,-soname,$(RCU_SONAME) -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now \
	    $< -o $(BUILD)/$(RCU_SONAME) -L$(BUILD) -lukmem -lurcu -lpthread
	ln -sf $(RCU_SONAME) $@

$(BUILD)/libukmem-rcu.a: $(BUILD)/side/rcu/rcu.o
	rm -f $@
	$(AR) rcs $@ $^

.PHONY: install-side check-kernel-code
install-side: $(SIDE_LIBS)
	install -d $(DESTDIR)$(PREFIX)/include/ukmem/compat/linux/sched $(DESTDIR)$(LIBDIR)/pkgconfig
	install -m 644 include/compat/*.h $(DESTDIR)$(PREFIX)/include/ukmem/compat
	install -m 644 include/compat/linux/*.h $(DESTDIR)$(PREFIX)/include/ukmem/compat/linux
	install -m 644 include/compat/linux/sched/*.h $(DESTDIR)$(PREFIX)/include/ukmem/compat/linux/sched
	install -m 755 $(BUILD)/$(RCU_SONAME) $(DESTDIR)$(LIBDIR)/$(RCU_SONAME).$(VERSION)
	ln -sf $(RCU_SONAME).$(VERSION) $(DESTDIR)$(LIBDIR)/$(RCU_SONAME)
	ln -sf $(RCU_SONAME) $(DESTDIR)$(LIBDIR)/libukmem-rcu.so
	install -m 644 $(filter %.a,$(SIDE_LIBS)) $(DESTDIR)$(LIBDIR)
	for name in compat rcu; do sed -e 's|@PREFIX@|$(PREFIX)|g' -e 's|@LIBDIR@|$(LIBDIR)|g' \
	    -e 's|@VERSION@|$(VERSION)|g' scripts/ukmem-$$name.pc.in \
	    > $(DESTDIR)$(LIBDIR)/pkgconfig/ukmem-$$name.pc; done

# Kernel code of Debian's source packages, built over ukmem: large downloads, minutes.
check-kernel-code: all
	@scripts/deps.sh kernel-code
	@status=0; for test in radix_tree xfsprogs; do \
	    BUILD=$(BUILD) tests/kernel/$$test.sh || status=1; done; exit $$status

# race.mk: the race tests and the libraries they need. Included by tests/tests.mk.
#
# Each is one C file linked with libukmem.a; delay.c with one built to be stalled, and
# NAME-thread, NAME-address with one built for a sanitizer, in build directories of
# their own.

RACE_PLAIN := storm single_step adoption between vfork_child no_rseq signal_alloc threads fork_storm helper_exit
RACE_ADDRESS := storm signal_alloc vfork_child
RACE_PROGRAMS := $(RACE_PLAIN:%=$(BUILD)/race/%) $(BUILD)/race/delay $(BUILD)/race/storm-inline \
    $(BUILD)/race/storm-thread $(BUILD)/thread/tests/model/model_test $(RACE_ADDRESS:%=$(BUILD)/race/%-address)
RACE_CC = $(CC) -std=gnu11 -D_GNU_SOURCE $(WARN) -Iinclude -Isrc -Itests/race -g -O2

CHECK_NEEDS += $(RACE_PROGRAMS)
CHECK_RUNS += 'tests/race/run.sh storm' 'tests/race/run.sh delay' 'tests/race/run.sh fork' \
    'tests/race/run.sh small' 'tests/race/run.sh sanitize'
CHECK_LONG_RUNS += 'UKMEM_RACE_FACTOR=10 tests/race/run.sh storm' \
    'UKMEM_RACE_FACTOR=10 tests/race/run.sh delay' \
    'UKMEM_RACE_FACTOR=5 tests/race/run.sh fork' \
    'UKMEM_RACE_FACTOR=5 tests/race/run.sh small' 'tests/race/run.sh mutants'

.PHONY: race race-libraries
race: $(LIBS) $(RACE_PROGRAMS)
	tests/race/run.sh storm
	tests/race/run.sh delay
	tests/race/run.sh fork
	tests/race/run.sh small
	tests/race/run.sh sanitize

# They know their own sources; make asks them each time.
$(BUILD)/delay/libukmem.a: race-libraries
	@$(MAKE) --no-print-directory -s $@ BUILD=$(BUILD)/delay EXTRA=-DUKMEM_RSEQ_DELAY
$(BUILD)/thread/libukmem.a: race-libraries
	@$(MAKE) --no-print-directory -s lib BUILD=$(BUILD)/thread SANITIZE=thread
$(BUILD)/thread/tests/model/model_test: $(BUILD)/thread/libukmem.a
	@$(MAKE) --no-print-directory -s $@ BUILD=$(BUILD)/thread SANITIZE=thread
$(BUILD)/address/libukmem.a: race-libraries
	@$(MAKE) --no-print-directory -s lib BUILD=$(BUILD)/address SANITIZE=address,undefined

$(RACE_PLAIN:%=$(BUILD)/race/%): $(BUILD)/race/%: tests/race/%.c tests/race/race.h tests/race/step.h $(BUILD)/libukmem.a
	@mkdir -p $(@D)
	$(RACE_CC) $(SAN) $< $(BUILD)/libukmem.a -o $@ -lpthread

$(BUILD)/race/delay: tests/race/delay.c tests/race/race.h $(BUILD)/delay/libukmem.a
	@mkdir -p $(@D)
	$(RACE_CC) -DUKMEM_RSEQ_DELAY $< $(BUILD)/delay/libukmem.a -o $@ -lpthread

# The same with the hits inlined into the test.
$(BUILD)/race/storm-inline: tests/race/storm.c tests/race/race.h include/ukmem/inline.h $(BUILD)/libukmem.a
	@mkdir -p $(@D)
	$(RACE_CC) $(SAN) -include ukmem/inline.h $< $(BUILD)/libukmem.a -o $@ -lpthread

$(BUILD)/race/%-thread: tests/race/%.c tests/race/race.h $(BUILD)/thread/libukmem.a
	@mkdir -p $(@D)
	$(RACE_CC) -fsanitize=thread $< $(BUILD)/thread/libukmem.a -o $@ -lpthread

$(BUILD)/race/%-address: tests/race/%.c tests/race/race.h $(BUILD)/address/libukmem.a
	@mkdir -p $(@D)
	$(RACE_CC) -fsanitize=address,undefined -fno-omit-frame-pointer $< \
	    $(BUILD)/address/libukmem.a -o $@ -lpthread

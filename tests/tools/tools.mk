# tools.mk: what the tests of the tools need built.
TOOL_SUBJECTS := $(BUILD)/tests/tools/subject $(BUILD)/tests/tools/subject-static
CHECK_NEEDS += $(TOOL_SUBJECTS)

$(BUILD)/tests/tools/subject: tests/tools/subject.c $(BUILD)/libukmem.so
	@mkdir -p $(@D)
	$(CC) $(COMMON) $< -o $@ -L$(BUILD) -lukmem -Wl,-rpath,'$$ORIGIN/../..' -lpthread

# Fully static and stripped: found by its note alone.
$(BUILD)/tests/tools/subject-static: tests/tools/subject.c $(BUILD)/libukmem.a
	@mkdir -p $(@D)
	$(CC) $(COMMON) $(if $(SAN),,-static -s) $< $(BUILD)/libukmem.a -o $@ -lpthread

# A heap of its own, beside the drop-in's.
CHECK_NEEDS += $(BUILD)/tests/tools/subject-own
$(BUILD)/tests/tools/subject-own: tests/tools/subject.c $(BUILD)/libukmem.a
	@mkdir -p $(@D)
	$(CC) $(COMMON) $< $(BUILD)/libukmem.a -o $@ -lpthread

# The tools on broken cores, under sanitizers.
CHECK_NEEDS += $(BUILD)/tests/tools/core_fuzz
INSPECT_SRC := $(wildcard tools/inspect/*.c) tools/say.c
$(BUILD)/tests/tools/core_fuzz: tests/tools/core_fuzz.c $(INSPECT_SRC) $(wildcard tools/inspect/*.h)
	@mkdir -p $(@D)
	$(CC) -std=gnu11 -D_GNU_SOURCE -g -O1 $(WARN) -Iinclude -fsanitize=address,undefined \
	    -fno-sanitize-recover=all -Wl,--wrap=core_read $< $(INSPECT_SRC) -o $@ $(INSPECT_LIBS) -lm

# Known stacks, for the heap profile.
CHECK_NEEDS += $(BUILD)/tests/tools/holder
$(BUILD)/tests/tools/holder: tests/tools/holder.c $(BUILD)/libukmem.so
	@mkdir -p $(@D)
	$(CC) $(COMMON) -fno-optimize-sibling-calls $< -o $@ -L$(BUILD) -lukmem \
	    -Wl,-rpath,'$$ORIGIN/../..'

# Known leaks.
CHECK_NEEDS += $(BUILD)/tests/tools/leaker
$(BUILD)/tests/tools/leaker: tests/tools/leaker.c $(BUILD)/libukmem.so
	@mkdir -p $(@D)
	$(CC) $(COMMON) -fno-optimize-sibling-calls $< -o $@ -L$(BUILD) -lukmem \
	    -Wl,-rpath,'$$ORIGIN/../..'

# A known trace.
CHECK_NEEDS += $(BUILD)/tests/tools/recorded
$(BUILD)/tests/tools/recorded: tests/tools/recorded.c $(BUILD)/libukmem.so
	@mkdir -p $(@D)
	$(CC) $(COMMON) $< -o $@ -L$(BUILD) -lukmem -Wl,-rpath,'$$ORIGIN/../..' -lpthread

# Accounting groups.
CHECK_NEEDS += $(BUILD)/tests/tools/grouped
$(BUILD)/tests/tools/grouped: tests/tools/grouped.c $(BUILD)/libukmem.so
	@mkdir -p $(@D)
	$(CC) $(COMMON) $< -o $@ -L$(BUILD) -lukmem -Wl,-rpath,'$$ORIGIN/../..'

# Page sources.
CHECK_NEEDS += $(BUILD)/tests/tools/sourced
$(BUILD)/tests/tools/sourced: tests/tools/sourced.c $(BUILD)/libukmem.so
	@mkdir -p $(@D)
	$(CC) $(COMMON) $< -o $@ -L$(BUILD) -lukmem -Wl,-rpath,'$$ORIGIN/../..'

# Memory of two nodes.
CHECK_NEEDS += $(BUILD)/tests/tools/two_nodes
$(BUILD)/tests/tools/two_nodes: tests/tools/two_nodes.c $(BUILD)/libukmem.so
	@mkdir -p $(@D)
	$(CC) $(COMMON) $< -o $@ -L$(BUILD) -lukmem -Wl,-rpath,'$$ORIGIN/../..'

# A long table.
CHECK_NEEDS += $(BUILD)/tests/tools/many_caches
$(BUILD)/tests/tools/many_caches: tests/tools/many_caches.c $(BUILD)/libukmem.so
	@mkdir -p $(@D)
	$(CC) $(COMMON) $< -o $@ -L$(BUILD) -lukmem -Wl,-rpath,'$$ORIGIN/../..' -lpthread

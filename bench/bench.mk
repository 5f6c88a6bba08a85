# bench.mk: the workers, one program for each way of calling an allocator; make bench.
#
# TRACES, BENCH_ARGS: what make bench plays, and what else it is told.

WORKER_SRC := $(sort $(wildcard bench/worker/*.c))
WORKER_HDR := $(wildcard bench/worker/*.h bench/*.h include/ukmem/*.h)
WORKERS    := $(addprefix $(BUILD)/bench-,ukmem ukmem-mixed inline malloc malloc-mixed floor replay)
ifeq ($(shell pkg-config --exists libdpdk 2>/dev/null && echo yes),yes)
WORKERS    += $(BUILD)/bench-dpdk
endif

# The dependencies are the two lists above: these are linked in one go, from sources.
BENCHFLAGS = $(filter-out -MMD -MP,$(COMMON)) -fno-builtin-malloc -Ibench/worker
WITH_UKMEM = -L$(BUILD) -lukmem -Wl,-rpath,'$$ORIGIN:$$ORIGIN/..'
compile_worker = @mkdir -p $(@D)$(newline)$(CC) $(1) $(BENCHFLAGS) $(WORKER_SRC) -o $@ -lpthread $(2)
define newline


endef

$(filter-out %-replay,$(WORKERS)): $(WORKER_SRC) $(WORKER_HDR) Makefile bench/bench.mk
$(BUILD)/bench-ukmem $(BUILD)/bench-ukmem-mixed $(BUILD)/bench-inline: $(BUILD)/libukmem.so

$(BUILD)/bench-ukmem:
	$(call compile_worker,-DBIND_UKMEM,$(WITH_UKMEM))
$(BUILD)/bench-ukmem-mixed:
	$(call compile_worker,-DBIND_UKMEM -DMIXED,$(WITH_UKMEM))
$(BUILD)/bench-inline:
	$(call compile_worker,-DBIND_UKMEM -DBIND_INLINE,$(WITH_UKMEM))
$(BUILD)/bench-malloc:
	$(call compile_worker,-DBIND_MALLOC)
$(BUILD)/bench-malloc-mixed:
	$(call compile_worker,-DBIND_MALLOC -DMIXED)
$(BUILD)/bench-floor:
	$(call compile_worker,-DBIND_FLOOR)
$(BUILD)/bench-dpdk:
	$(call compile_worker,-DBIND_DPDK $(shell pkg-config --cflags libdpdk),\
	    -lrte_eal -lrte_mempool -lrte_mempool_ring)

# The replay of a kernel trace, as a worker: the tool's own parts on the shared library.
REPLAY_OBJ := $(addprefix $(BUILD)/tools/,trace.o trace_header.o source.o program.o player.o \
                round.o kinds.o memory.o say.o)
$(BUILD)/bench/%.o: bench/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(COMMON) -Itools -c $< -o $@
$(BUILD)/bench-replay: $(BUILD)/bench/replay/replay_worker.o $(REPLAY_OBJ) $(BUILD)/libukmem.so
	$(CC) $(SAN) $(filter %.o,$^) -o $@ $(WITH_UKMEM) -lzstd -lpthread

# Cache lines and atomic operations of each kind of call, counted: make lines.
LINES_SRC := bench/lines/lines.c bench/lines/program.c
$(BUILD)/bench-lines: $(LINES_SRC) bench/lines/lines.h $(BUILD)/libukmem.a
	@scripts/deps.sh lines
	$(CC) $(filter-out -MMD -MP,$(COMMON)) -Isrc $(LINES_SRC) $(BUILD)/libukmem.a -o $@ -lcapstone -lpthread
.PHONY: lines
lines: $(BUILD)/bench-lines
	$(BUILD)/bench-lines
	$(BUILD)/bench-lines --two-nodes

.PHONY: workers bench bench-deps
workers: $(WORKERS)

TRACES ?= tests/data/compile.kmt.zst $(wildcard ../shared/traces/*.kmt.zst)
COMMIT  = $(shell git describe --always --dirty 2>/dev/null || echo unknown)

# Peers first: whether there is a DPDK is asked when make begins.
bench-deps:
	@scripts/deps.sh bench
bench: bench-deps
	@$(MAKE) --no-print-directory all workers
	$(BUILD)/ukmem bench $(TRACES:%=--trace %) --commit $(COMMIT) --save bench/results $(BENCH_ARGS)

# tests.mk: make check, make check-long
#
# check       everything that CI runs, on both back-ends; ends with "N passed, N failed"
# check-long  the same with longer model and race runs
# Variables:  ONLY=word   only programs and scripts whose path contains it

TEST_SRC   := $(sort $(wildcard tests/unit/*/*_test.c tests/story/*_test.c \
                tests/misuse/*_test.c tests/refuse/*_test.c tests/model/*_test.c \
                tests/compat/*_test.c))
TESTS      := $(TEST_SRC:%.c=$(BUILD)/%)
HARNESS    := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/harness/*.c))
MISUSE_SRC := $(sort $(wildcard tests/misuse/programs/*.c tests/misuse/checked/*.c)) \
                tests/misuse/attacks.c
MISUSES    := $(MISUSE_SRC:%.c=$(BUILD)/%)

# Hooks for other fragments: programs to build first, commands to run (and sum up).
CHECK_NEEDS := $(BUILD)/bench-lines
CHECK_RUNS  :=
CHECK_LONG_RUNS :=
-include tests/race/race.mk
-include tests/programs/programs.mk
CHECK_RUNS += 'tests/fuzz/run.sh 60'
CHECK_RUNS += 'tests/sanitizers/run.sh'
CHECK_RUNS += 'tests/misuse/attacks.sh'
CHECK_RUNS += 'tests/examples/run.sh'
CHECK_LONG_RUNS += 'tests/fuzz/run.sh 1800'
-include tests/rcu/rcu.mk
-include tests/numa/numa.mk
-include tests/guest/arm64.mk
-include tests/tools/tools.mk

.PHONY: check check-long tests
tests: $(TESTS) $(MISUSES)

$(BUILD)/tests/%.o: tests/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(COMMON) $(if $(findstring /compat/,$<),-Iinclude/compat) -Isrc -Itests -c $< -o $@

$(BUILD)/tests/%_test: $(BUILD)/tests/%_test.o $(HARNESS) $(BUILD)/libukmem.a
	$(CC) $(SAN) $^ -o $@ -lpthread

$(MISUSES): $(BUILD)/tests/misuse/%: tests/misuse/%.c $(BUILD)/libukmem.a
	@mkdir -p $(@D)
	$(CC) $(COMMON) $(filter-out %.h,$^) -o $@ -lpthread

.SECONDARY: $(TEST_SRC:%.c=$(BUILD)/%.o) $(HARNESS)

# What only tests need (clang, valgrind, ...): installed before anything is built.
.PHONY: check-deps
check-deps:
	@scripts/deps.sh check
$(TESTS) $(MISUSES) $(HARNESS): | check-deps

check: all workers tests $(CHECK_NEEDS)
	@BUILD=$(BUILD) CC="$(CC)" ONLY="$(ONLY)" tests/run.sh $(CHECK_RUNS)

check-long: all workers tests $(CHECK_NEEDS)
	@BUILD=$(BUILD) CC="$(CC)" ONLY="$(ONLY)" MODEL_OPERATIONS=200000000 JOB_SECONDS=7200 TEST_SECONDS=1800 \
	    tests/run.sh $(CHECK_RUNS) $(CHECK_LONG_RUNS)

# numa.mk: make check-numa: the library on a machine of two nodes. Included by tests.mk.
NUMA_TESTS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/numa/*_test.c))

.PHONY: numa-deps check-numa
numa-deps:
	@scripts/deps.sh numa
check-numa: numa-deps $(NUMA_TESTS) $(TESTS) $(BUILD)/race/storm $(BUILD)/race/fork_storm
	@BUILD=$(BUILD) CC="$(CC)" tests/guest/run.sh numa

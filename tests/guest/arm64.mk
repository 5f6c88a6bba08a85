# arm64.mk: make check-arm64: the library on AArch64, under qemu's user mode, where there is
# no rseq, and in an emulated machine, where there is. Included by tests.mk.
ARM64 := $(BUILD)-arm64
ARM64_TESTS := $(filter $(BUILD)/tests/unit/% $(BUILD)/tests/story/% $(BUILD)/tests/model/%,$(TESTS)) \
    $(RACE_PLAIN:%=$(BUILD)/race/%) $(BUILD)/race/storm-inline $(BUILD)/race/delay \
    $(BUILD)/libukmem.so $(BUILD)/libukmem-malloc.so

CHECK_LONG_RUNS += 'make check-arm64'

.PHONY: arm64-deps arm64-tests check-arm64
arm64-deps:
	@scripts/deps.sh arm64
arm64-tests: arm64-deps
	@$(MAKE) --no-print-directory -s CC=aarch64-linux-gnu-gcc AR=aarch64-linux-gnu-ar \
	    BUILD=$(ARM64) $(ARM64_TESTS:$(BUILD)/%=$(ARM64)/%)
check-arm64: arm64-tests
	@mkdir -p $(BUILD)/guest
	@{ BUILD=$(ARM64) tests/misc/hot_path.sh; BUILD=$(BUILD) GUEST_SECONDS=1800 tests/guest/run.sh arm64; \
	   BUILD=$(BUILD) tests/guest/user.sh; } | tee $(BUILD)/guest/arm64.log; \
	 awk '/^[0-9]+ passed, [0-9]+ failed$$/ { passed += $$1; failed += $$3 } \
	      /^ok hit path/ { passed++ } /^FAILED hit path/ { failed++ } \
	      END { printf "%d passed, %d failed\n", passed, failed; exit failed != 0 || passed == 0 }' \
	     $(BUILD)/guest/arm64.log

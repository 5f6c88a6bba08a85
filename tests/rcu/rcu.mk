# rcu.mk: tests of libukmem-rcu. Included by tests/tests.mk.

RCU_PROGRAMS := $(BUILD)/tests/rcu/rcu_test $(BUILD)/rcu/readers $(BUILD)/rcu/readers-address

CHECK_NEEDS += $(RCU_PROGRAMS)
CHECK_RUNS += $(BUILD)/tests/rcu/rcu_test '$(BUILD)/rcu/readers 2' \
    '$(BUILD)/rcu/readers-address 1'
CHECK_LONG_RUNS += '$(BUILD)/rcu/readers 60' '$(BUILD)/rcu/readers-address 60'

$(BUILD)/tests/rcu/rcu_test: $(BUILD)/tests/rcu/rcu_test.o $(HARNESS) \
    $(BUILD)/libukmem-rcu.a $(BUILD)/libukmem.a
	$(CC) $(SAN) $< $(HARNESS) -Wl,--whole-archive $(BUILD)/libukmem-rcu.a \
	    -Wl,--no-whole-archive $(BUILD)/libukmem.a -o $@ -lurcu -lpthread

$(BUILD)/rcu/readers: tests/rcu/readers.c $(BUILD)/libukmem-rcu.so
	@mkdir -p $(@D)
	$(CC) $(COMMON) $< -o $@ -L$(BUILD) -lukmem-rcu -lukmem -lurcu -lpthread \
	    -Wl,-rpath,'$$ORIGIN/..'

$(BUILD)/rcu/readers-address: tests/rcu/readers.c $(BUILD)/address/libukmem.a
	@mkdir -p $(@D)
	$(CC) $(COMMON) -fsanitize=address,undefined $< $(BUILD)/address/libukmem-rcu.a \
	    $(BUILD)/address/libukmem.a -o $@ -lurcu -lpthread

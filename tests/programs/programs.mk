# programs.mk: programs on the malloc drop-in; see run.sh.
CHECK_RUNS += tests/programs/run.sh

.PHONY: check-programs
check-programs: all
	@scripts/deps.sh programs
	@BUILD=$(BUILD) CC="$(CC)" FORK_ROUNDS=100 tests/programs/run.sh full

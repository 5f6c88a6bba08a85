/*
 * operators.cc: every form of new and delete, and what becomes of a new that is refused.
 */
#include <cstdint>
#include <cstdio>
#include <new>

struct alignas(256) wide { char bytes[256]; };

static int handled;

static void handler()
{
	if (++handled == 3)
		std::set_new_handler(nullptr);
}

int main()
{
	volatile std::size_t huge = SIZE_MAX / 2;
	wide *one = new wide, *many = new wide[3], *quiet = new (std::nothrow) wide;
	bool aligned = (std::uintptr_t)one % 256 == 0 && (std::uintptr_t)many % 256 == 0;

	delete one;
	delete[] many;
	delete quiet;
	delete new int;
	delete[] new char[100];
	::operator delete(::operator new(10), (std::size_t)10);
	::operator delete(::operator new(10, std::align_val_t(64)), 10, std::align_val_t(64));
	if (new (std::nothrow) char[huge] != nullptr || !aligned)
		return 1;
	std::set_new_handler(handler);
	try {
		delete[] new char[huge];
	} catch (const std::bad_alloc &) {
		return handled == 3 ? 0 : 2;
	}
	return 3;
}

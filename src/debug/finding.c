#include "debug/finding.h"

#include <ukmem/slab.h>

#include <errno.h>
#include <link.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bits.h"
#include "base/uncancelled.h"
#include "debug/depot.h"
#include "debug/stack.h"
#include "os/clock.h"
#include "os/ops.h"
#include "os/options.h"

counter_t reports;

enum { TEXT_BYTES = 8192 };

/* Of those who are refused memory of their own. */
static char shared_text[TEXT_BYTES] RARELY_USED;

static char *take_text(void)
{
	int kept_errno = errno;
	void *text;

	if (os_ops.map(TEXT_BYTES, &text) != 0)
		text = shared_text;
	errno = kept_errno;
	return text;
}

static void add(struct finding *finding, const char *format, va_list arguments)
{
	size_t room = TEXT_BYTES - finding->length;
	int length = vsnprintf(finding->text + finding->length, room, format, arguments);

	finding->length += length < 0 ? 0 : min_size((size_t)length, room - 1);
}

void finding_begin(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	*finding = (struct finding){ .text = take_text() };
	finding_add(finding, "ukmem: ");
	va_start(arguments, format);
	add(finding, format, arguments);
	va_end(arguments);
}

void finding_add(struct finding *finding, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	add(finding, format, arguments);
	va_end(arguments);
}

void finding_object(struct finding *finding, const struct object *object)
{
	size_t size = size_in(atomic_load_explicit(&object->entry->word, memory_order_relaxed));

	finding_add(finding, "%p, a %s object of cache %s (%zu bytes)\n", (void *)object->start,
		    size != 0 ? "live" : "freed", object->layout->name,
		    size != 0 ? size : object->layout->object_size);
}

/* ---- Bytes ---------------------------------------------------------------------------- */

static void add_line(struct finding *finding, const struct object *object, const uint8_t *line)
{
	finding_add(finding, "    %+5td |", line - (const uint8_t *)object->start);
	for (unsigned i = 0; i < 16; i++)
		finding_add(finding, " %02x", line[i]);
	finding_add(finding, "\n");
}

void finding_bytes(struct finding *finding, const struct object *object, const uint8_t *bad,
		  uint8_t wanted)
{
	const uint8_t *start = (const uint8_t *)object->start;
	const uint8_t *slab = page_address(object->slab);
	ptrdiff_t first = (ptrdiff_t)align_down((size_t)(bad - start), 16) - 16;

	finding_add(finding, "  byte %td is 0x%02x, should be 0x%02x; object %u of slab %p\n",
		   bad - start, *bad, wanted, object->index, (const void *)slab);
	for (ptrdiff_t at = first; at < first + 64; at += 16)
		if (start + at >= slab && start + at + 16 <= slab + slab_bytes(object->layout))
			add_line(finding, object, start + at);
}

/* ---- Stacks ---------------------------------------------------------------------------- */

struct module {
	uintptr_t pc, base;
	const char *name;
};

static int find_module(struct dl_phdr_info *info, size_t size UNUSED, void *argument)
{
	struct module *module = argument;

	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type != PT_LOAD ||
		    module->pc - (info->dlpi_addr + part->p_vaddr) >= part->p_memsz)
			continue;
		module->base = info->dlpi_addr;
		module->name = info->dlpi_name;
		return 1;
	}
	return 0;
}

/* The return address lies behind the call; the byte before it is within. */
static void add_frame(struct finding *finding, unsigned number, uintptr_t pc)
{
	struct module module = { .pc = pc - 1 };
	char program[256];
	ssize_t length;

	dl_iterate_phdr(find_module, &module);
	if (module.name != NULL && module.name[0] == '\0') {
		length = readlink("/proc/self/exe", program, sizeof(program) - 1);
		program[length > 0 ? length : 0] = '\0';
		module.name = program;
	}
	finding_add(finding, "    #%u %s+%#lx\n", number, module.name != NULL ? module.name : "?",
		   pc - 1 - module.base);
}

void finding_frames(struct finding *finding, const uintptr_t *frames, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		add_frame(finding, i, frames[i]);
}

void finding_track(struct finding *finding, const char *what, const struct track *track)
{
	const uintptr_t *frames;
	unsigned count = depot_get(track->stack, &frames);

	if (track->thread == 0)
		return;
	finding_add(finding, "  %s by thread %u, CPU %u, %u ms ago:\n", what,
		    (unsigned)track->thread, (unsigned)track->cpu, track_age_ms(track, clock_ms()));
	finding_frames(finding, frames, count);
}

void finding_tracks(struct finding *finding, const struct object *object, const void *caller)
{
	uintptr_t frames[STACK_FRAMES_MAX];

	finding_add(finding, "  found by thread %d:\n", (int)gettid());
	finding_frames(finding, frames, stack_capture(caller, frames, STACK_FRAMES_MAX));
	if (object == NULL || !(object->layout->checks & SLAB_STORE_USER))
		return;
	finding_track(finding, "allocated", &object->entry->allocated);
	finding_track(finding, "freed", &object->entry->freed);
}

void finding_print(struct finding *finding)
{
	int kept_errno = errno;

	if (uncancelled_write(STDERR_FILENO, finding->text, finding->length) < 0) {
		/* Nobody is listening. */
	}
	if (finding->text != shared_text)
		os_ops.unmap(finding->text, TEXT_BYTES);
	errno = kept_errno;
}

void finding_end(struct finding *finding)
{
	counter_add(&reports, 1);
	finding_print(finding);
	if (options.debug.abort)
		abort();
}

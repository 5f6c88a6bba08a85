/*
 * export.c: "ukmem export": a running program's figures over HTTP, by libmicrohttpd.
 *
 * Loopback only, unless another address is asked for. Each request looks anew; the
 * target is read by one request at a time.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../say.h"
#include "cli.h"
#include "forms.h"
#include "groups.h"
#include "inspect.h"
#include "profile.h"

static const char help[] =
	"Usage: ukmem export [OPTION]... PID\n"
	"Serve a running program's figures over HTTP until it ends, or until interrupted:\n"
	"/metrics (OpenMetrics, for Prometheus), /slabinfo, /json, and /debug/pprof/heap (for\n"
	"go tool pprof, where the program takes samples).\n"
	"\n"
	"  -p, --port N          1 to 65535, or 0 for any that is free; default 9464\n"
	"  -a, --address ADDR    an IPv4 address to listen on; default 127.0.0.1\n"
	"  -h, --help            print this\n"
	"\n"
	"The address that is served is printed first. There is no encryption and no password.\n"
	"Exit status: 0 interrupted; 2 a bad option, nothing to be read, or the program ended.\n";

static const struct option long_options[] = {
	{ "port", required_argument, NULL, 'p' },
	{ "address", required_argument, NULL, 'a' },
	{ "help", no_argument, NULL, 'h' },
	{ 0 }
};

enum { PORT_DEFAULT = 9464, POLL_MS = 100 };

struct export {
	struct target target;
	pthread_mutex_t lock;           /* the target's */
};

enum { PAGE_PROFILE = 3 };

static const struct page {
	const char *path, *type;
	int form;
} pages[] = {
	{ "/metrics", "application/openmetrics-text; version=1.0.0; charset=utf-8", 0 },
	{ "/slabinfo", "text/plain; charset=utf-8", 1 },
	{ "/json", "application/json", 2 },
	{ "/debug/pprof/heap", "application/octet-stream", PAGE_PROFILE },
};

enum { PAGES = sizeof(pages) / sizeof(*pages) };

/* All of a file, from malloc. */
static char *read_all(int fd, size_t *bytes)
{
	struct stat status;
	char *text = NULL;

	if (fstat(fd, &status) == 0 && (text = malloc((size_t)status.st_size + 1)) != NULL) {
		ssize_t got = pread(fd, text, (size_t)status.st_size, 0);

		*bytes = got > 0 ? (size_t)got : 0;
	}
	return text;
}

/* pprof's file, as pprof fetches it; NULL when there are no samples. */
static char *make_profile(struct export *export, size_t *bytes)
{
	struct profile profile;
	struct symbols *symbols;
	char *text = NULL;
	int fd;

	if (!profile_load(&profile, &export->target))
		return NULL;
	symbols = symbols_open(&export->target);
	fd = memfd_create("profile", MFD_CLOEXEC);
	if (fd >= 0 && pprof_write_fd(&profile, symbols, fcntl(fd, F_DUPFD_CLOEXEC, 0)))
		text = read_all(fd, bytes);
	if (fd >= 0)
		close(fd);
	symbols_close(symbols);
	profile_free(&profile);
	return text;
}

/* The page's text, from malloc; NULL when the target is gone. */
static char *make_text(struct export *export, const struct page *page, size_t *bytes)
{
	struct snapshot snapshot;
	char *text = NULL;
	FILE *file;

	if (page->form == PAGE_PROFILE)
		return make_profile(export, bytes);
	if (!snapshot_take(&snapshot, &export->target))
		return NULL;
	if (page->form != 1)
		groups_take(&snapshot, &export->target);
	file = open_memstream(&text, bytes);
	if (file != NULL) {
		if (page->form == 0)
			print_openmetrics(file, &snapshot);
		else if (page->form == 1)
			print_slabinfo(file, &snapshot);
		else
			print_json(file, snapshot_json(&snapshot, &export->target));
		fclose(file);
	}
	snapshot_free(&snapshot);
	return text;
}

static enum MHD_Result answer(struct MHD_Connection *connection, unsigned status,
			      const char *type, char *text, size_t bytes,
			      enum MHD_ResponseMemoryMode mode)
{
	struct MHD_Response *response = MHD_create_response_from_buffer(bytes, text, mode);
	enum MHD_Result result;

	if (response == NULL)
		return MHD_NO;
	MHD_add_response_header(response, "Content-Type", type);
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		MHD_add_response_header(response, "Allow", "GET, HEAD");
	result = MHD_queue_response(connection, status, response);
	MHD_destroy_response(response);
	return result;
}

static enum MHD_Result answer_word(struct MHD_Connection *connection, unsigned status, char *word)
{
	return answer(connection, status, "text/plain; charset=utf-8", word, strlen(word),
		      MHD_RESPMEM_PERSISTENT);
}

static enum MHD_Result answer_page(struct MHD_Connection *connection, struct export *export,
				   const struct page *page)
{
	size_t bytes = 0;
	char *text;

	pthread_mutex_lock(&export->lock);
	text = make_text(export, page, &bytes);
	pthread_mutex_unlock(&export->lock);
	if (text == NULL && page->form == PAGE_PROFILE && !export->target.gone)
		return answer_word(connection, MHD_HTTP_NOT_FOUND,
				   "no samples; start the program with UKMEM_OPTIONS=heap_sample:524288\n");
	if (text == NULL)
		return answer_word(connection, MHD_HTTP_SERVICE_UNAVAILABLE,
				   "the program has ended\n");
	return answer(connection, MHD_HTTP_OK, page->type, text, bytes, MHD_RESPMEM_MUST_FREE);
}

static enum MHD_Result serve(void *context, struct MHD_Connection *connection, const char *url,
			     const char *method, const char *version, const char *upload,
			     size_t *upload_bytes, void **state)
{
	(void)version, (void)upload, (void)upload_bytes, (void)state;
	if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
		return answer_word(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "only GET is served\n");
	for (int i = 0; i < PAGES; i++)
		if (strcmp(url, pages[i].path) == 0)
			return answer_page(connection, context, &pages[i]);
	return answer_word(connection, MHD_HTTP_NOT_FOUND,
			   "there are /metrics, /slabinfo, /json and /debug/pprof/heap\n");
}

static bool is_alive(struct export *export)
{
	char byte;
	bool alive;

	pthread_mutex_lock(&export->lock);
	alive = target_read(&export->target, value_of(&export->target, F_BOOTED), &byte, 1);
	pthread_mutex_unlock(&export->lock);
	return alive;
}

/*
 * Listen at @address, whose port is told if it was 0. -1 and errno if that can't be, when the command
 * ends: some versions of the server, asked for a port that is taken, lose what the system said.
 */
static int listen_at(struct sockaddr_in *address)
{
	const int yes = 1;
	socklen_t size = sizeof(*address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) != 0 ||
	    bind(fd, (struct sockaddr *)address, size) != 0 || listen(fd, SOMAXCONN) != 0 ||
	    getsockname(fd, (struct sockaddr *)address, &size) != 0)
		return -1;
	return fd;
}

/* Until a signal comes, or the target ends. */
static int wait_for_end(struct export *export, const sigset_t *signals)
{
	struct timespec pause = { .tv_nsec = POLL_MS * 1000000 };

	while (is_alive(export))
		if (sigtimedwait(signals, NULL, &pause) > 0)
			return 0;
	export->target.gone = true;
	return target_lost(&export->target);
}

static int export_target(struct export *export, struct sockaddr_in *address)
{
	struct MHD_Daemon *daemon = NULL;
	sigset_t signals;
	char text[INET_ADDRSTRLEN];
	int status, fd = listen_at(address);

	/* Blocked before the server's thread starts, which thus never gets them. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	if (fd >= 0)
		daemon = MHD_start_daemon(MHD_USE_INTERNAL_POLLING_THREAD, 0, NULL, NULL, serve, export,
					  MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, 32u,
					  MHD_OPTION_CONNECTION_TIMEOUT, 30u, MHD_OPTION_END);
	inet_ntop(AF_INET, &address->sin_addr, text, sizeof(text));
	if (daemon == NULL) {
		say("export: %s port %u: %s", text, ntohs(address->sin_port), strerror(errno));
		return EXIT_USAGE;
	}
	printf("http://%s:%u/metrics\n", text, ntohs(address->sin_port));
	fflush(stdout);
	status = wait_for_end(export, &signals);
	MHD_stop_daemon(daemon);
	return status;
}

static bool set_option(struct sockaddr_in *address, int option, char **argv)
{
	long port;

	if (option == 'p') {
		if (!cli_number("export", "--port", optarg, 0, 65535, &port))
			return false;
		address->sin_port = htons((uint16_t)port);
		return true;
	}
	if (option != 'a') {
		cli_refuse("export", option, argv);
		return false;
	}
	if (inet_pton(AF_INET, optarg, &address->sin_addr) == 1)
		return true;
	say("export: --address: expected an IPv4 address, not \"%s\"", optarg);
	return false;
}

int export_main(int argc, char **argv)
{
	struct export export = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(PORT_DEFAULT),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int option, status = EXIT_USAGE;

	while ((option = getopt_long(argc, argv, ":p:a:h", long_options, NULL)) != -1) {
		if (option == 'h')
			return cli_help(help);
		if (!set_option(&address, option, argv))
			return EXIT_USAGE;
	}
	if (!cli_words("export", argc, 1, 1, "one PID") ||
	    !target_open(&export.target, argv[optind]))
		return EXIT_USAGE;
	if (export.target.pid == 0)
		say("%s is a core, in which nothing moves; use ukmem stat", argv[optind]);
	else
		status = export_target(&export, &address);
	target_close(&export.target);
	return status;
}

/*
 * shim.h: what glibc's build would define for its test support files, so that they
 * compile outside of its tree.
 */
#ifndef PROGRAMS_GLIBC_SHIM_H
#define PROGRAMS_GLIBC_SHIM_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define libc_hidden_proto(name)
#define libc_hidden_def(name)
#define attribute_hidden
#define TIMEOUTFACTOR 1
#define SRCDIR_PATH "/nowhere"
#define OBJDIR_PATH "/nowhere"
#define OBJDIR_ELF_LDSO_PATH "/nowhere"
#define INSTDIR_PATH "/"
#define LIBDIR_PATH "/"
#define BINDIR_PATH "/"
#define SBINDIR_PATH "/"
#define ROOTSBINDIR_PATH "/"
#define COMPLOCALEDIR_PATH "/"
#define SLIBDIR_PATH "/"

#endif

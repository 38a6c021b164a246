/*
 * Makes calls of one process on named files fail. Preloaded (LD_PRELOAD) before the C library; which calls fail stands in
 * the file LEDGERDESK_FAULTS, an array of rules that is mapped into memory and that the test writes while the process runs.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

/* test/faults/inject.ts writes these: 256 bytes each. */
struct rule {
  char operation[16];
  char file[160];
  int64_t from, to; /* Offsets of a read that fail; all where `to` is 0. */
  int32_t error;
  int32_t skip;  /* So many calls pass first. */
  int32_t times; /* So many calls fail then; -1 until told otherwise. */
  int32_t failed;
  char rest[48];
};
enum { rules = 16 };
static struct rule *table;

__attribute__((constructor)) static void map_rules(void) {
  const char *path = getenv("LEDGERDESK_FAULTS");
  if (path == NULL) return;
  int (*real)(const char *, int, ...) = dlsym(RTLD_NEXT, "open64");
  int handle = real(path, O_RDWR | O_CLOEXEC);
  if (handle < 0) return;
  void *mapped = mmap(NULL, sizeof(struct rule) * rules, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
  if (mapped != MAP_FAILED) table = mapped;
}

static int ends_with(const char *path, const char *end) {
  size_t length = strlen(path), most = strlen(end);
  return length >= most && strcmp(path + length - most, end) == 0;
}

static int error_of(const char *operation, const char *path, int64_t offset, int64_t length) {
  for (struct rule *each = table; each < table + rules; each++) {
    if (each->times == 0 || strcmp(each->operation, operation) != 0 || !ends_with(path, each->file)) continue;
    if (each->to != 0 && (offset + length <= each->from || offset >= each->to)) continue;
    if (each->skip > 0) {
      each->skip--;
      continue;
    }
    if (each->times > 0) each->times--;
    each->failed++;
    return each->error;
  }
  return 0;
}

static int is_used(const char *operation) {
  if (table == NULL) return 0;
  for (struct rule *each = table; each < table + rules; each++)
    if (each->times != 0 && strcmp(each->operation, operation) == 0) return 1;
  return 0;
}

/* Whether the call on this handle fails now; errno is set then. */
static int fails(const char *operation, int handle, int64_t offset, int64_t length) {
  if (!is_used(operation)) return 0;
  char name[40], path[PATH_MAX];
  snprintf(name, sizeof name, "/proc/self/fd/%d", handle);
  ssize_t size = readlink(name, path, sizeof path - 1);
  if (size < 0) return 0;
  path[size] = 0;
  int error = error_of(operation, path, offset, length);
  if (error != 0) errno = error;
  return error != 0;
}

static int open_fails(const char *path) {
  int error = path != NULL && is_used("open") ? error_of("open", path, 0, 0) : 0;
  if (error != 0) errno = error;
  return error != 0;
}

#define REAL(result, name, ...) \
  static result (*real)(__VA_ARGS__); \
  if (real == NULL) real = dlsym(RTLD_NEXT, #name)

#define OPEN(name) \
  int name(const char *path, int flags, ...) { \
    REAL(int, name, const char *, int, ...); \
    va_list rest; \
    va_start(rest, flags); \
    int mode = va_arg(rest, int); \
    va_end(rest); \
    return open_fails(path) ? -1 : real(path, flags, mode); \
  }
OPEN(open)
OPEN(open64)

#define AT(operation, name, data) \
  ssize_t name(int handle, data bytes, size_t size, off64_t offset) { \
    REAL(ssize_t, name, int, data, size_t, off64_t); \
    return fails(operation, handle, offset, (int64_t)size) ? -1 : real(handle, bytes, size, offset); \
  }
AT("read", pread, void *)
AT("read", pread64, void *)
AT("write", pwrite, const void *)
AT("write", pwrite64, const void *)

#define NEXT(operation, name, data) \
  ssize_t name(int handle, data bytes, size_t size) { \
    REAL(ssize_t, name, int, data, size_t); \
    return fails(operation, handle, 0, 0) ? -1 : real(handle, bytes, size); \
  }
NEXT("read", read, void *)
NEXT("write", write, const void *)

#define SYNC(name) \
  int name(int handle) { \
    REAL(int, name, int); \
    return fails("sync", handle, 0, 0) ? -1 : real(handle); \
  }
SYNC(fsync)
SYNC(fdatasync)

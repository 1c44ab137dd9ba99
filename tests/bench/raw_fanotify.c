// raw_fanotify [-n USEC] ROOT
//
// What raw_inotify.c is, on fanotify(7): one mark on ROOT's file system, which tells a directory's
// handle and a name for each event. Paths of directories are asked for once and remembered until a
// directory is renamed or removed. It needs CAP_SYS_ADMIN (the mark) and CAP_DAC_READ_SEARCH (the
// paths).
//
// The kernel merges events about one name that nobody has read yet, and their order is lost then:
// such a line has the type `look`, and whoever reads it looks at the disk.
//
// With -n it naps for USEC after every read that filled less than half of the buffer, as
// raw_inotify.c does. Says READY on standard error when the whole tree is watched. Ends when it is
// killed.
#include <fcntl.h>
#include <sys/fanotify.h>
#include <unistd.h>

#include "told_lines.h"
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  read_bytes = 64 * 1024,
  handle_bytes_max = MAX_HANDLE_SZ + sizeof(struct file_handle),
};

static int file_system; // a descriptor on it, for open_by_handle_at
static char root[PATH_MAX];
static size_t root_size;

static void fail(const char* what) {
  perror(what);
  exit(1);
}

// -- directories by their handles: a hash table with open addressing ------------------------------

struct known {
  uint32_t size; // of the handle
  char* handle;
  char* path; // NULL: free
};

static struct known* table;
static size_t table_size; // a power of two
static size_t table_used;

// FNV-1a (Fowler, Noll, Vo), its high bits folded in because the index takes the low ones.
static size_t place_of(const char* handle, uint32_t size) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (uint32_t i = 0; i < size; ++i)
    hash = (hash ^ (unsigned char)handle[i]) * 0x100000001b3u;
  hash ^= hash >> 32;
  size_t place = hash & (table_size - 1);
  while (table[place].path != NULL
         && (table[place].size != size || memcmp(table[place].handle, handle, size) != 0))
    place = (place + 1) & (table_size - 1);
  return place;
}

static void grow(void) {
  struct known* old = table;
  size_t old_size = table_size;
  table_size = old_size == 0 ? 4096 : 2 * old_size;
  table = calloc(table_size, sizeof *table);
  if (table == NULL)
    fail("calloc");
  for (size_t i = 0; i < old_size; ++i)
    if (old[i].path != NULL)
      table[place_of(old[i].handle, old[i].size)] = old[i];
  free(old);
}

static void forget_all(void) {
  for (size_t i = 0; i < table_size; ++i) {
    free(table[i].handle);
    free(table[i].path);
    table[i] = (struct known){0};
  }
  table_used = 0;
}

static int ask_for_path(struct file_handle* handle, char* path, size_t path_size) {
  int directory = open_by_handle_at(file_system, handle, O_PATH | O_CLOEXEC);
  if (directory < 0)
    return 0; // gone already
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
  ssize_t size = readlink(link, path, path_size - 1);
  close(directory);
  if (size <= 0)
    return 0;
  path[size] = '\0';
  return 1;
}

// NULL: it is gone.
static const char* path_of(struct file_handle* handle) {
  uint32_t size = (uint32_t)sizeof *handle + handle->handle_bytes;
  if (size > handle_bytes_max)
    return NULL;
  if (4 * table_used >= 3 * table_size)
    grow();
  struct known* found = &table[place_of((const char*)handle, size)];
  if (found->path != NULL)
    return found->path;
  char path[PATH_MAX];
  if (!ask_for_path(handle, path, sizeof path))
    return NULL;
  *found = (struct known){size, malloc(size), strdup(path)};
  if (found->handle == NULL || found->path == NULL)
    fail("malloc");
  memcpy(found->handle, handle, size);
  ++table_used;
  return found->path;
}

// -- events ---------------------------------------------------------------------------------------

static int is_below_root(const char* path) {
  return strncmp(path, root, root_size) == 0 && (path[root_size] == '/' || path[root_size] == '\0');
}

static void take(const struct fanotify_event_metadata* event) {
  if (event->mask & FAN_Q_OVERFLOW) {
    tell_overflow();
    return;
  }
  const struct fanotify_event_info_fid* about = (const struct fanotify_event_info_fid*)(event + 1);
  if (event->event_len <= event->metadata_len
      || about->hdr.info_type != FAN_EVENT_INFO_TYPE_DFID_NAME)
    return;
  struct file_handle* handle = (struct file_handle*)about->handle;
  const char* name = (const char*)handle->f_handle + handle->handle_bytes;
  int gone = (event->mask & (FAN_DELETE | FAN_MOVED_FROM)) != 0;
  int appeared = (event->mask & (FAN_CREATE | FAN_MOVED_TO)) != 0;
  if (gone && (event->mask & FAN_ONDIR))
    forget_all();
  const char* directory = path_of(handle);
  if (directory == NULL || !is_below_root(directory))
    return;
  tell(gone && appeared ? "look"
       : gone           ? "delete"
       : appeared       ? "create"
                        : "modify",
    directory, name);
}

static int watch(const char* path) {
  int fanotify = fanotify_init(FAN_CLASS_NOTIF | FAN_REPORT_DFID_NAME | FAN_CLOEXEC, O_RDONLY);
  if (fanotify < 0)
    fail("fanotify_init");
  if (fanotify_mark(fanotify, FAN_MARK_ADD | FAN_MARK_FILESYSTEM,
        FAN_CREATE | FAN_DELETE | FAN_MOVED_FROM | FAN_MOVED_TO | FAN_MODIFY | FAN_CLOSE_WRITE
          | FAN_ONDIR,
        AT_FDCWD, path)
      < 0)
    fail("fanotify_mark");
  return fanotify;
}

int main(int argc, char** argv) {
  useconds_t nap = 0;
  int option;
  while ((option = getopt(argc, argv, "n:")) != -1) {
    if (option != 'n')
      return 64;
    nap = (useconds_t)atoi(optarg);
  }
  if (optind + 1 != argc) {
    fputs("usage: raw_fanotify [-n USEC] ROOT\n", stderr);
    return 64;
  }
  if (realpath(argv[optind], root) == NULL)
    fail(argv[optind]);
  root_size = strlen(root);
  file_system = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file_system < 0)
    fail(root);
  grow();
  int fanotify = watch(root);
  fputs("READY\n", stderr);

  static _Alignas(struct fanotify_event_metadata) char buffer[read_bytes];
  for (;;) {
    ssize_t size = read(fanotify, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0)
      fail("read");
    ssize_t left = size;
    for (const struct fanotify_event_metadata* event = (void*)buffer; FAN_EVENT_OK(event, left);
         event = FAN_EVENT_NEXT(event, left))
      take(event);
    flush_told();
    if (nap != 0 && size < read_bytes / 2)
      usleep(nap);
  }
}

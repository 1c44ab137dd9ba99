// raw_inotify [-n USEC] ROOT
//
// The least a program can do that tells every change below ROOT: one thread, inotify(7), reads of
// 64 KiB, one line of JSON an event. It is the reference of tools/bench, not a watcher to use: it
// has no model, repairs nothing after an overflow, and does not follow directories that are
// renamed.
//
// By default it blocks in read() and writes what each read gave. With -n it naps for USEC after
// every read that filled less than half of the buffer, so that the next one finds a batch: waking
// up costs more than the events do. While nothing happens it blocks too, so that the first event
// after a pause is told at once.
//
// Says READY on standard error when the whole tree is watched. Ends when it is killed.
#include <sys/inotify.h>
#include <unistd.h>

#include "told_lines.h"
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { read_bytes = 64 * 1024 };

static int inotify;
static char** directories; // path by watch descriptor; descriptors are given in order, from 1
static int directories_size;

static void fail(const char* what) {
  perror(what);
  exit(1);
}

static void remember(int watch, const char* path) {
  if (watch >= directories_size) {
    int size = 2 * watch + 64;
    directories = realloc(directories, (size_t)size * sizeof *directories);
    if (directories == NULL)
      fail("realloc");
    memset(
      directories + directories_size, 0, (size_t)(size - directories_size) * sizeof *directories);
    directories_size = size;
  }
  if (directories[watch] == NULL)
    directories[watch] = strdup(path);
}

enum telling { in_silence, aloud };

// Watches first and lists then: what is made in between is told twice, never missed.
static void watch_tree(const char* path, enum telling how) {
  int watch = inotify_add_watch(inotify, path,
    IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MODIFY | IN_CLOSE_WRITE | IN_ONLYDIR);
  if (watch < 0) {
    if (errno == ENOSPC)
      fail("inotify_add_watch: no watch is left (fs.inotify.max_user_watches)");
    return; // gone already
  }
  remember(watch, path);
  DIR* listing = opendir(path);
  if (listing == NULL)
    return;
  for (struct dirent* entry; (entry = readdir(listing)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
      continue;
    if (how == aloud)
      tell("create", path, entry->d_name);
    if (entry->d_type != DT_DIR)
      continue;
    char below[PATH_MAX];
    if (snprintf(below, sizeof below, "%s/%s", path, entry->d_name) < (int)sizeof below)
      watch_tree(below, how);
  }
  closedir(listing);
}

static void take(const struct inotify_event* event) {
  if (event->mask & IN_Q_OVERFLOW) {
    tell_overflow();
    return;
  }
  if (event->wd < 0 || event->wd >= directories_size || directories[event->wd] == NULL)
    return;
  if (event->mask & IN_IGNORED) {
    free(directories[event->wd]);
    directories[event->wd] = NULL;
    return;
  }
  if (event->len == 0)
    return;
  const char* directory = directories[event->wd];
  if (event->mask & (IN_DELETE | IN_MOVED_FROM)) {
    tell("delete", directory, event->name);
    return;
  }
  int appeared = (event->mask & (IN_CREATE | IN_MOVED_TO)) != 0;
  tell(appeared ? "create" : "modify", directory, event->name);
  char path[PATH_MAX];
  if (appeared && (event->mask & IN_ISDIR)
      && snprintf(path, sizeof path, "%s/%s", directory, event->name) < (int)sizeof path)
    watch_tree(path, aloud);
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
    fputs("usage: raw_inotify [-n USEC] ROOT\n", stderr);
    return 64;
  }
  inotify = inotify_init1(IN_CLOEXEC);
  if (inotify < 0)
    fail("inotify_init1");
  watch_tree(argv[optind], in_silence);
  fputs("READY\n", stderr);

  static _Alignas(struct inotify_event) char buffer[read_bytes];
  for (;;) {
    ssize_t size = read(inotify, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0)
      fail("read");
    for (char* at = buffer; at < buffer + size;) {
      const struct inotify_event* event = (const struct inotify_event*)at;
      take(event);
      at += sizeof *event + event->len;
    }
    flush_told();
    if (nap != 0 && size < read_bytes / 2)
      usleep(nap);
  }
}

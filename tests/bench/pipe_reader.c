// pipe_reader OUTPUT ARRIVALS <PIPE
//
// Reads a watcher's pipe to its end. OUTPUT gets what came; ARRIVALS one record a read: two
// uint64, the time of arrival (CLOCK_MONOTONIC, nanoseconds) and the size of OUTPUT from then on.
// In C, because the reader runs beside the watcher that is measured and must not take its core.
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static int open_new(const char* path) {
  int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) {
    perror(path);
    exit(1);
  }
  return fd;
}

static void write_all(int fd, const void* data, size_t size) {
  const char* at = data;
  while (size > 0) {
    ssize_t n = write(fd, at, size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0) {
      perror("write");
      exit(1);
    }
    at += n;
    size -= (size_t)n;
  }
}

int main(int argc, char** argv) {
  if (argc != 3)
    return 64;
  int output = open_new(argv[1]);
  int arrivals = open_new(argv[2]);
  static char
    buffer[1024 * 1024]; // what the pipe can hold: never more reads than the pipe is filled
  uint64_t total = 0;
  for (;;) {
    ssize_t size = read(STDIN_FILENO, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0)
      return size < 0;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    write_all(output, buffer, (size_t)size);
    total += (uint64_t)size;
    uint64_t record[2] = {(uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec, total};
    write_all(arrivals, record, sizeof record);
  }
}

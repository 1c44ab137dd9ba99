#include "told_lines.h"

#include <unistd.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  // A line is at most an escaped path (6 bytes a byte) and its frame; lines are flushed before less
  // than that is left. The rest holds what a full read gives for usual paths, so that it is one
  // write.
  line_bytes_max = 6 * (PATH_MAX + NAME_MAX) + 64,
  output_bytes = 1024 * 1024,
};

static char output[output_bytes];
static size_t output_used;

void flush_told(void) {
  size_t done = 0;
  while (done < output_used) {
    ssize_t n = write(STDOUT_FILENO, output + done, output_used - done);
    if (n < 0 && errno != EINTR)
      exit(0);
    if (n > 0)
      done += (size_t)n;
  }
  output_used = 0;
}

static void put(const char* text, size_t size) {
  memcpy(output + output_used, text, size);
  output_used += size;
}

static void put_escaped(const char* text) {
  for (; *text != '\0'; ++text) {
    unsigned char c = (unsigned char)*text;
    if (c < 0x20)
      output_used += (size_t)sprintf(output + output_used, "\\u%04x", c);
    else {
      if (c == '"' || c == '\\')
        output[output_used++] = '\\';
      output[output_used++] = (char)c;
    }
  }
}

static void make_room(void) {
  if (output_used + line_bytes_max > output_bytes)
    flush_told();
}

void tell(const char* type, const char* directory, const char* name) {
  make_room();
  put("{\"type\":\"", 9);
  put(type, strlen(type));
  put("\",\"path\":\"", 10);
  put_escaped(directory);
  put("/", 1);
  put_escaped(name);
  put("\"}\n", 3);
}

void tell_overflow(void) {
  make_room();
  put("{\"type\":\"overflow\"}\n", 20);
}

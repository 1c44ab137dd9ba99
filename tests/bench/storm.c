// storm [-n COUNT] [-f FILES] setup WORKLOAD ROOT
// storm [-n COUNT] [-f FILES] [-p USEC] [-s SEED] [-r RATE] [-w] -o LOG run WORKLOAD ROOT
//
// The work that watchers are measured with. The same arguments give the same operations, and all
// are planned before the clock starts: what is timed is system calls and two looks at the clock.
//
//   churn     100 directories of 20 files; COUNT operations: 50 % create, 6 % rewrite, 12 % rename
//             into any directory, 32 % delete
//   checkout  COUNT new directories, 50 files in each
//   deep      COUNT times a chain of 20 directories with 8 files in it
//   latency   COUNT single writes to files that exist, 2 to 5 ms apart, and USEC more (0)
//   save      COUNT rounds, 700 ms apart, of 50 files saved as an editor does: a backup made, a
//             temporary written and fsynced, renamed over the file, the backup removed
//   tree      setup: COUNT directories with FILES files in each (1). run: a new file in ten of them
//
// -r: no more than RATE operations a second. -w: at 30 and at 70 % of the operations, a line on
// standard output, and then a wait for a byte on standard input; the clock stands still meanwhile.
//
// LOG gets a line of totals, "OPERATIONS FAILED NANOSECONDS", then one line an operation:
// "KIND BEFORE AFTER PATH [NEW-PATH]", separated by tabs, times by CLOCK_MONOTONIC. AFTER is when
// the call that changes the tree returned: of several, the last, but for `latency` the write().
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum kind {
  make_directory = 'K',
  make_file = 'C',
  make_durable_file = 'F',
  rewrite = 'M',
  poke = 'W',
  move = 'R',
  erase = 'D'
};

struct operation {
  enum kind kind;
  uint32_t pause_us; // before it
  const char* path;
  const char* new_path;
  uint64_t before;
  uint64_t after;
};

static struct operation* plan;
static size_t plan_size;
static size_t plan_capacity;
static uint64_t random_state;

static void fail(const char* what) {
  perror(what);
  exit(1);
}

// splitmix64 (Steele, Lea, Flood 2014): any seed is a good one, the next ones too.
static uint64_t random_number(uint64_t below) {
  uint64_t z = random_state += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return (z ^ (z >> 31)) % below;
}

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

__attribute__((format(printf, 1, 2))) static const char* text(const char* format, ...) {
  char* result;
  va_list arguments;
  va_start(arguments, format);
  if (vasprintf(&result, format, arguments) < 0)
    fail("vasprintf");
  va_end(arguments);
  return result;
}

static struct operation* add(enum kind kind, const char* path) {
  if (plan_size == plan_capacity) {
    plan_capacity = plan_capacity == 0 ? 4096 : 2 * plan_capacity;
    plan = realloc(plan, plan_capacity * sizeof *plan);
    if (plan == NULL)
      fail("realloc");
  }
  plan[plan_size] = (struct operation){.kind = kind, .path = path};
  return &plan[plan_size++];
}

// -- the workloads --------------------------------------------------------------------------------

enum step { setup, run };

static void plan_churn(enum step step, size_t count) {
  enum { directories = 100, files = 20 };
  const char** alive = malloc((directories * files + count) * sizeof *alive);
  if (alive == NULL)
    fail("malloc");
  size_t alive_size = 0;
  for (int d = 0; d < directories; ++d) {
    if (step == setup)
      add(make_directory, text("d%02d", d));
    for (int f = 0; f < files; ++f) {
      alive[alive_size++] = text("d%02d/first%02d", d, f);
      if (step == setup)
        add(make_file, alive[alive_size - 1]);
    }
  }
  for (size_t i = 0; step == run && i < count; ++i) {
    uint64_t dice = random_number(100);
    size_t which = alive_size == 0 ? 0 : random_number(alive_size);
    unsigned directory = (unsigned)random_number(directories);
    if (dice < 50 || alive_size == 0) {
      alive[alive_size++] = text("d%02u/new%06zu", directory, i);
      add(make_file, alive[alive_size - 1]);
    } else if (dice < 56) {
      add(rewrite, alive[which]);
    } else if (dice < 68) {
      struct operation* renaming = add(move, alive[which]);
      renaming->new_path = alive[which] = text("d%02u/moved%06zu", directory, i);
    } else {
      add(erase, alive[which]);
      alive[which] = alive[--alive_size];
    }
  }
}

static void plan_checkout(enum step step, size_t count) {
  enum { files = 50, group = 50 }; // the first directory of a group holds the others
  const char* top = NULL;
  for (size_t d = 0; step == run && d < count; ++d) {
    const char* directory =
      d % group == 0 ? text("top%03zu", d / group) : text("%s/sub%02zu", top, d % group);
    if (d % group == 0)
      top = directory;
    add(make_directory, directory);
    for (int f = 0; f < files; ++f)
      add(make_file, text("%s/file%02d", directory, f));
  }
}

static void plan_deep(enum step step, size_t count) {
  enum { depth = 20, levels_with_files = 4, files_there = 2 };
  for (size_t c = 0; step == run && c < count; ++c) {
    const char* chain[depth];
    for (int level = 0; level < depth; ++level) {
      chain[level] = level == 0 ? text("chain%03zu", c) : text("%s/n%02d", chain[level - 1], level);
      add(make_directory, chain[level]);
    }
    for (int i = 1; i <= levels_with_files; ++i)
      for (int f = 0; f < files_there; ++f)
        add(make_file, text("%s/file%d", chain[i * depth / levels_with_files - 1], f));
  }
}

static uint32_t latency_pause_us; // added to each pause

static void plan_latency(enum step step, size_t count) {
  enum { directories = 20, pause_us_min = 2000, pause_us_max = 5000 };
  for (int d = 0; step == setup && d < directories; ++d)
    add(make_directory, text("d%02d", d));
  for (size_t i = 0; i < count; ++i) {
    const char* path = text("d%02zu/file%04zu", i % directories, i);
    struct operation* writing = add(step == setup ? make_file : poke, path);
    if (step == run)
      writing->pause_us =
        latency_pause_us + pause_us_min + (uint32_t)random_number(pause_us_max - pause_us_min);
  }
}

static void plan_save(enum step step, size_t count) {
  // The rounds are apart by more than twice the 300 ms of quiet that a settling watcher waits for.
  enum { files = 50, pause_us = 2000, pause_between_rounds_us = 700000 };
  if (step == setup) {
    add(make_directory, "documents");
    for (int f = 0; f < files; ++f)
      add(make_file, text("documents/text%02d", f));
  }
  for (size_t round = 0; step == run && round < count; ++round)
    for (int f = 0; f < files; ++f) {
      const char* file = text("documents/text%02d", f);
      const char* backup = text("%s~", file);
      const char* temporary = text("documents/.text%02d.%zu", f, round);
      add(make_file, backup)->pause_us = f == 0 && round != 0 ? pause_between_rounds_us : pause_us;
      add(make_durable_file, temporary);
      add(move, temporary)->new_path = file;
      add(erase, backup);
    }
}

static size_t tree_files = 1; // in each directory

static const char* tree_directory(size_t number) {
  enum { group = 100 };
  return number % group == 0 ? text("top%04zu", number / group)
                             : text("top%04zu/sub%02zu", number / group, number % group);
}

static void plan_tree(enum step step, size_t count) {
  enum { probes = 10 };
  for (size_t d = 0; step == setup && d < count; ++d) {
    const char* directory = tree_directory(d);
    add(make_directory, directory);
    for (size_t f = 0; f < tree_files; ++f)
      add(make_file, text("%s/file%zu", directory, f));
  }
  for (size_t i = 0; step == run && i < probes; ++i)
    add(make_file, text("%s/probe", tree_directory(i * (count - 1) / (probes - 1))));
}

// -- doing it -------------------------------------------------------------------------------------

static int write_file(struct operation* what, int flags) {
  static const char content[128] =
    "the size of a small source file's first lines; what it is does not matter";
  int fd = open(what->path, O_WRONLY | O_CLOEXEC | flags, 0644);
  if (fd < 0)
    return -1;
  ssize_t written = write(fd, content, sizeof content);
  what->after = now(); // stands for `poke` alone
  if (what->kind == make_durable_file)
    fsync(fd);
  close(fd);
  return written == (ssize_t)sizeof content ? 0 : -1;
}

static int carry_out(struct operation* what) {
  switch (what->kind) {
    case make_directory: return mkdir(what->path, 0755);
    case make_file:
    case make_durable_file: return write_file(what, O_CREAT | O_TRUNC);
    case rewrite: return write_file(what, 0);
    case poke: return write_file(what, 0);
    case move: return rename(what->path, what->new_path);
    case erase: return unlink(what->path);
  }
  return -1;
}

struct tempo {
  uint64_t rate; // operations a second at most; 0: no limit
  int halts;     // whether it waits at 30 and at 70 %
};

static uint64_t halted; // nanoseconds

static void halt(void) {
  uint64_t since = now();
  char answer;
  if (write(STDOUT_FILENO, "\n", 1) != 1 || read(STDIN_FILENO, &answer, 1) != 1)
    fail("nobody tells to go on");
  halted += now() - since;
}

static void sleep_until(uint64_t time) {
  struct timespec end = {(time_t)(time / 1000000000u), (long)(time % 1000000000u)};
  if (time > now())
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL);
}

static size_t carry_out_all(struct tempo tempo) {
  size_t failed = 0;
  uint64_t start = now();
  for (size_t i = 0; i < plan_size; ++i) {
    struct operation* what = &plan[i];
    if (tempo.halts && (i == plan_size * 3 / 10 || i == plan_size * 7 / 10))
      halt();
    if (tempo.rate != 0)
      sleep_until(start + i * 1000000000u / tempo.rate);
    if (what->pause_us != 0)
      usleep(what->pause_us);
    what->before = now();
    failed += carry_out(what) != 0;
    if (what->kind != poke)
      what->after = now();
  }
  return failed;
}

static void write_log(const char* path, size_t failed) {
  FILE* log = fopen(path, "w");
  if (log == NULL)
    fail(path);
  uint64_t took = plan_size == 0 ? 0 : plan[plan_size - 1].after - plan[0].before - halted;
  fprintf(log, "%zu\t%zu\t%llu\n", plan_size, failed, (unsigned long long)took);
  for (const struct operation* i = plan; i != plan + plan_size; ++i)
    fprintf(log, "%c\t%llu\t%llu\t%s%s%s\n", (char)i->kind, (unsigned long long)i->before,
      (unsigned long long)i->after, i->path, i->new_path != NULL ? "\t" : "",
      i->new_path != NULL ? i->new_path : "");
  if (fclose(log) != 0)
    fail(path);
}

static const struct workload {
  const char* name;
  size_t count;
  void (*plan)(enum step, size_t);
} workloads[] = {
  {"churn", 200000, plan_churn},
  {"checkout", 2000, plan_checkout},
  {"deep", 500, plan_deep},
  {"latency", 1000, plan_latency},
  {"save", 10, plan_save},
  {"tree", 10000, plan_tree},
};

int main(int argc, char** argv) {
  size_t count = 0;
  const char* log = NULL;
  struct tempo tempo = {0, 0};
  random_state = 1;
  int option;
  while ((option = getopt(argc, argv, "n:f:p:s:r:wo:")) != -1) {
    switch (option) {
      case 'n': count = strtoul(optarg, NULL, 10); break;
      case 'f': tree_files = strtoul(optarg, NULL, 10); break;
      case 'r': tempo.rate = strtoul(optarg, NULL, 10); break;
      case 'w': tempo.halts = 1; break;
      case 'p': latency_pause_us = (uint32_t)strtoul(optarg, NULL, 10); break;
      case 's': random_state = strtoul(optarg, NULL, 10); break;
      case 'o': log = optarg; break;
      default: return 64;
    }
  }
  if (argc - optind != 3 || (strcmp(argv[optind], "setup") == 0) == (log != NULL)) {
    fputs(
      "usage: storm [-n COUNT] [-f FILES] setup WORKLOAD ROOT\n"
      "       storm [-n COUNT] [-f FILES] [-p USEC] [-s SEED] [-r RATE] [-w] -o LOG run WORKLOAD"
      " ROOT\n",
      stderr);
    return 64;
  }
  enum step step = strcmp(argv[optind], "setup") == 0 ? setup : run;
  const struct workload* chosen = NULL;
  for (size_t i = 0; i < sizeof workloads / sizeof *workloads; ++i)
    if (strcmp(workloads[i].name, argv[optind + 1]) == 0)
      chosen = &workloads[i];
  if (chosen == NULL) {
    fprintf(stderr, "storm: unknown workload: %s\n", argv[optind + 1]);
    return 64;
  }
  chosen->plan(step, count != 0 ? count : chosen->count);
  if (chdir(argv[optind + 2]) != 0)
    fail(argv[optind + 2]);
  // By default a sleep lasts 50 us longer than asked (prctl(2)), as long as one operation of `-r
  // 20000`.
  prctl(PR_SET_TIMERSLACK, 1);
  size_t failed = carry_out_all(tempo);
  if (log != NULL)
    write_log(log, failed);
  return failed != 0;
}

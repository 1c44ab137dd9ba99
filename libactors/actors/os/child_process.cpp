#include "actors/os/child_process.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include <dirent.h>

extern char** environ; // environ(7)

namespace actors {

namespace {

/// Left for the kernel's own (the program's name, padding) and for what a script's interpreter
/// adds.
constexpr std::size_t argument_headroom = 8 * 1024;

/// What the child tells when it cannot become the program.
struct exec_failure {
  int number;
  bool is_directory; ///< it was the working directory
};

std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
  auto pointers = std::vector<char*>{};
  for (const auto& x : strings)
    pointers.push_back(const_cast<char*>(x.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// The input as a file in memory: it is there at once, so nobody has to feed it, and nobody is
/// held up by a program that does not read.
result<unique_fd> input_file(std::string_view bytes) {
  if (bytes.empty()) {
    auto nothing = unique_fd{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
    return nothing ? result<unique_fd>{std::move(nothing)} : system_failure(errno, "/dev/null");
  }
  auto file = unique_fd{::memfd_create("changes", MFD_CLOEXEC)};
  if (!file)
    return system_failure(errno, "memfd_create");
  for (std::size_t at = 0; at < bytes.size();) {
    const auto size =
      ::pwrite(file.get(), bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    if (size > 0)
      at += static_cast<std::size_t>(size);
    else if (size == 0 || errno != EINTR)
      return system_failure(errno, "writing the input");
  }
  return file;
}

struct child_side {
  const char* program;
  char* const* arguments;
  char* const* environment;
  const char* working_directory; ///< nullptr: ours
  int input;
  int output; ///< -1: ours
  int report;
  pid_t parent;
};

/// Between fork and execve, in a program with threads: system calls only, no memory is allocated.
[[noreturn]] void become(const child_side& x) {
  const auto give_up = [&](bool is_directory) {
    const auto why = exec_failure{errno, is_directory};
    [[maybe_unused]] const auto told = ::write(x.report, &why, sizeof why);
    ::_exit(127);
  };
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != x.parent) // it has ended before it could be seen
    ::_exit(127);
  for (auto number = 1; number < NSIG; ++number) // what is ignored would stay so; signal(7)
    ::signal(number, SIG_DFL);
  auto none = sigset_t{};
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::dup2(x.input, 0) < 0
      || (x.output >= 0 && (::dup2(x.output, 1) < 0 || ::dup2(x.output, 2) < 0)))
    give_up(false);
#ifdef SYS_close_range
  ::syscall(SYS_close_range, 3U, ~0U, 4U /* CLOSE_RANGE_CLOEXEC */); // those of a careless host
#endif
  if (x.working_directory != nullptr && ::chdir(x.working_directory) != 0)
    give_up(true);
  ::execve(x.program, x.arguments, x.environment);
  give_up(false);
  ::_exit(127);
}

unique_fd open_pidfd(int pid) {
#ifdef SYS_pidfd_open
  return unique_fd{static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))}; // close-on-exec
#else
  return {};
#endif
}

void set_non_blocking(int fd) {
  ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/// The group of a process and whether it lives, of /proc/PID/stat; proc(5).
bool is_alive_in_group(const char* pid, int group) {
  const auto path = std::string{"/proc/"} + pid + "/stat";
  const auto fd = unique_fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  char text[512];
  const auto size = fd ? ::read(fd.get(), text, sizeof text - 1) : 0;
  if (size <= 0)
    return false;
  text[size] = '\0';
  const auto* end_of_name = std::strrchr(text, ')');
  auto state = char{};
  auto parent = 0;
  auto its_group = 0;
  return end_of_name != nullptr
         && std::sscanf(end_of_name + 1, " %c %d %d", &state, &parent, &its_group) == 3
         && its_group == group && state != 'Z' && state != 'X';
}

} // namespace

std::string text_of(const exit_status& how) {
  if (how.signal == 0)
    return "status " + std::to_string(how.code);
  const auto* name = ::sigdescr_np(how.signal);
  return "signal " + std::to_string(how.signal)
         + (name != nullptr ? " (" + std::string{name} + ")" : "");
}

result<child_process> child_process::start(const child_plan& plan) {
  const auto arguments = pointers_to(plan.arguments);
  const auto environment = pointers_to(plan.environment);
  auto input = input_file(plan.input);
  if (!input)
    return tl::unexpected{input.error()};
  auto report = std::array<int, 2>{-1, -1};
  auto output = std::array<int, 2>{-1, -1};
  if (::pipe2(report.data(), O_CLOEXEC) != 0)
    return system_failure(errno, "pipe");
  auto report_from = unique_fd{report[0]};
  auto report_to = unique_fd{report[1]};
  if (plan.outputs == child_plan::output::captured && ::pipe2(output.data(), O_CLOEXEC) != 0)
    return system_failure(errno, "pipe");
  auto output_from = unique_fd{output[0]};
  auto output_to = unique_fd{output[1]};
  const auto side = child_side{plan.program.c_str(), arguments.data(), environment.data(),
    plan.working_directory.empty() ? nullptr : plan.working_directory.c_str(), input->get(),
    output_to.get(), report_to.get(), ::getpid()};
  // No handler of the host may run in the child before they are reset.
  auto all = sigset_t{};
  auto before = sigset_t{};
  sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  const auto pid = ::fork();
  if (pid == 0)
    become(side);
  const auto number = errno;
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0)
    return system_failure(number, "fork");
  ::setpgid(pid, pid); // whoever of us two is first
  auto child = child_process{pid, open_pidfd(pid), std::move(output_from)};
  report_to.reset();
  auto why = exec_failure{};
  auto size = ssize_t{};
  while ((size = ::read(report_from.get(), &why, sizeof why)) < 0 && errno == EINTR) {
  }
  if (size == static_cast<ssize_t>(sizeof why))
    return system_failure(why.number, why.is_directory ? plan.working_directory : plan.program);
  if (child.output_)
    set_non_blocking(child.output_.get());
  return child;
}

child_process::child_process(child_process&& other) noexcept
  : pid_{std::exchange(other.pid_, -1)}, pidfd_{std::move(other.pidfd_)}, output_{std::move(
                                                                            other.output_)} {}

child_process::~child_process() {
  if (pid_ < 0)
    return;
  signal_group(SIGKILL);
  auto status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
}

bool child_process::has_ended() const {
  auto info = siginfo_t{};
  return ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0
         || info.si_pid == pid_;
}

bool child_process::has_left_others() const {
  auto* processes = ::opendir("/proc");
  if (processes == nullptr)
    return false;
  auto found = false;
  while (const auto* entry = ::readdir(processes))
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && is_alive_in_group(entry->d_name, pid_)
        && std::atoi(entry->d_name) != pid_) {
      found = true;
      break;
    }
  ::closedir(processes);
  return found;
}

void child_process::signal_group(int number) const {
  if (pid_ > 0) // not collected: the number is nobody else's
    ::kill(-pid_, number);
}

exit_status child_process::collect() {
  signal_group(SIGKILL);
  auto status = 0;
  while (::waitpid(pid_, &status, 0) < 0)
    if (errno != EINTR) { // the host ignores SIGCHLD: the kernel did not keep it
      pid_ = -1;
      return {};
    }
  pid_ = -1;
  if (WIFSIGNALED(status))
    return {0, WTERMSIG(status)};
  return {WEXITSTATUS(status), 0};
}

std::vector<std::string> own_environment() {
  auto all = std::vector<std::string>{};
  for (auto** x = environ; x != nullptr && *x != nullptr; ++x)
    all.emplace_back(*x);
  return all;
}

std::size_t argument_bytes_max() {
  const auto limit = ::sysconf(_SC_ARG_MAX);
  const auto bytes = limit > 0 ? static_cast<std::size_t>(limit) : argument_bytes_max_each;
  return bytes > 2 * argument_headroom ? bytes - argument_headroom : bytes / 2;
}

std::optional<std::string> read_some(int descriptor, std::size_t bytes_max) {
  auto text = std::string(bytes_max, '\0');
  const auto size = ::read(descriptor, text.data(), text.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR))
    return std::nullopt;
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

} // namespace actors

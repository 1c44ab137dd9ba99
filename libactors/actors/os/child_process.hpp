#pragma once

#include "actors/os/unique_fd.hpp"
#include "actors/protocol/error.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// How a process ended.
struct exit_status {
  int code = 0;   ///< when it ended by itself
  int signal = 0; ///< that killed it; 0: none

  bool is_success() const { return code == 0 && signal == 0; }
};

/// "status 1", "signal 9 (Killed)".
std::string text_of(const exit_status& how);

/// What to start, and how.
struct child_plan {
  std::string program;                  ///< a path (`find_program`)
  std::vector<std::string> arguments;   ///< with the name, argv[0]
  std::vector<std::string> environment; ///< all of it, NAME=VALUE
  std::string working_directory;        ///< empty: ours
  std::string_view input;               ///< what it reads on standard input

  /// Where its standard output and error go: where ours go, or to `child_process::output`.
  enum class output : std::uint8_t { inherited, captured } outputs = output::inherited;
};

/// A program that was started, in a process group of its own. It is killed when the thread that
/// started it ends, however that ends (PR_SET_PDEATHSIG), and with the object all of its group.
class child_process {
public:
  /// Errors: those of execve(2), chdir(2) and fork(2).
  static result<child_process> start(const child_plan& plan);

  child_process(child_process&&) noexcept;
  child_process& operator=(child_process&&) = delete;
  ~child_process();

  int pid() const { return pid_; }

  /// Readable when it has ended; -1 where the kernel cannot tell: ask `has_ended` now and then.
  int descriptor() const { return pidfd_.get(); }

  /// What it writes, when that is captured; does not block.
  int output() const { return output_.get(); }

  /// It has ended. Its number is kept from others until `collect`.
  bool has_ended() const;

  /// Others of its group are there, whom it left behind.
  bool has_left_others() const;

  void signal_group(int number) const;

  /// How it ended. Requires `has_ended`. Whoever is left of its group is killed.
  exit_status collect();

private:
  child_process(int pid, unique_fd pidfd, unique_fd output)
    : pid_{pid}, pidfd_{std::move(pidfd)}, output_{std::move(output)} {}

  int pid_ = -1; ///< -1: collected
  unique_fd pidfd_;
  unique_fd output_;
};

/// Our environment, as NAME=VALUE.
std::vector<std::string> own_environment();

/// The bytes that arguments and environment may have together, and one of them alone; execve(2).
std::size_t argument_bytes_max();
constexpr std::size_t argument_bytes_max_each = 128 * 1024; // MAX_ARG_STRLEN

/// What there is to read now, at most so much; nothing: nothing yet. Empty: it is at its end.
std::optional<std::string> read_some(int descriptor, std::size_t bytes_max);

} // namespace actors

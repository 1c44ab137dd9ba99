#include "top_command.hpp"

#include "actors/core/time_point.hpp"
#include "actors/os/poll.hpp"
#include "actors/os/unique_fd.hpp"

#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <optional>
#include <string_view>

#include "exit_code.hpp"
#include "standard_output.hpp"
#include "top_text.hpp"
#include <termios.h>

namespace actors::program {

using namespace std::chrono_literals;

namespace {

/// Where there is no terminal to ask.
constexpr auto plain_width = std::size_t{120};
constexpr auto narrowest = std::size_t{20};

/// The terminal while we draw on it: another screen, no cursor, keys at once. It is as it was when
/// this is gone.
class drawing_terminal {
public:
  drawing_terminal() {
    print("\x1b[?1049h\x1b[?25l");
    if (::tcgetattr(STDIN_FILENO, &before_) != 0)
      return;
    auto raw = before_;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG); // Ctrl-C comes as a key
    raw.c_cc[VMIN] = 0;
    raw.c_cc[VTIME] = 0;
    takes_keys_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &raw) == 0;
  }
  ~drawing_terminal() {
    if (takes_keys_)
      ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    print("\x1b[?25h\x1b[?1049l");
  }
  drawing_terminal(const drawing_terminal&) = delete;
  drawing_terminal& operator=(const drawing_terminal&) = delete;

  int keys() const { return takes_keys_ ? STDIN_FILENO : -1; }

private:
  termios before_{};
  bool takes_keys_ = false;
};

/// Those that end us, as something to wait for.
unique_fd ending_signals() {
  std::signal(SIGPIPE, SIG_IGN);
  auto set = sigset_t{};
  sigemptyset(&set);
  for (const auto number : {SIGINT, SIGTERM, SIGHUP})
    sigaddset(&set, number);
  ::sigprocmask(SIG_BLOCK, &set, nullptr);
  return unique_fd{::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK)};
}

/// True when it is time to go.
bool wants_to_leave(int signals, int keys, std::chrono::steady_clock::time_point until) {
  for (;;) {
    const auto left = left_until(until, std::chrono::steady_clock::now());
    if (left == 0ms || !wait_readable({signals, keys}, left))
      return false;
    if (wait_readable({signals}, 0ms))
      return true;
    char key = 0;
    if (::read(keys, &key, 1) <= 0)
      return true; // the terminal is gone
    if (key == 'q' || key == 'Q' || key == '\x03')
      return true;
  }
}

/// A frame over the one before, without a blink: each line is cleared behind its text.
std::string frame_of(const std::vector<std::string>& lines, std::size_t height) {
  auto frame = std::string{"\x1b[H"};
  const auto shown = std::min(lines.size(), std::max<std::size_t>(height, 2) - 1);
  for (std::size_t i = 0; i < shown; ++i)
    frame += lines[i] + "\x1b[K\r\n";
  if (shown < lines.size())
    frame += "... " + std::to_string(lines.size() - shown) + " more\x1b[K";
  return frame + "\x1b[J";
}

std::string block_of(const std::vector<std::string>& lines) {
  auto block = std::string{};
  for (const auto& x : lines)
    block += x + "\n";
  return block + "\n";
}

struct dimensions {
  std::size_t width = plain_width;
  std::size_t height = 24;
};

dimensions of_terminal() {
  auto size = winsize{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return {80, 24};
  return {std::max<std::size_t>(size.ws_col, narrowest), size.ws_row};
}

} // namespace

int top(const top_request& request) {
  const auto signals = ending_signals();
  auto node = reach(request.where);
  if (!node)
    return complain(node.error());
  auto before = std::optional<health_snapshot>{};
  auto before_at = std::chrono::steady_clock::now();
  auto terminal = std::optional<drawing_terminal>{};
  for (;;) {
    const auto at = std::chrono::steady_clock::now();
    auto now = ask_health(*node);
    if (!now && !terminal)
      return complain(now.error());
    const auto is_drawn = !request.once && ::isatty(STDOUT_FILENO) == 1;
    if (is_drawn && !terminal)
      terminal.emplace();
    const auto size = is_drawn ? of_terminal() : dimensions{};
    auto lines = std::vector<std::string>{};
    if (now) {
      const auto span =
        before ? std::chrono::ceil<std::chrono::milliseconds>(at - before_at) : now->uptime;
      lines = top_text(*now, before ? &*before : nullptr, span, size.width);
      before = std::move(*now);
      before_at = at;
    } else { // it may come back: a service manager restarts it, say
      lines = {"no answer", now.error().text};
      before.reset();
    }
    if (!print(terminal ? frame_of(lines, size.height) : block_of(lines)) || request.once)
      return stopped_as_asked;
    if (wants_to_leave(signals.get(), terminal ? terminal->keys() : -1, at + request.interval))
      return stopped_as_asked;
  }
}

} // namespace actors::program

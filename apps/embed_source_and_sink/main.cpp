// No files anywhere: readings come in from one socket, and alarms go out to another.
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include <actors/actors.hpp>
#include <actors/core/batch_builder.hpp>

using namespace std::chrono_literals;

/// Readings, one a datagram: "cellar 3". A record is whatever has a name and a number.
class thermometers final : public actors::source {
public:
  explicit thermometers(int socket) : socket_{socket} {}

  void run(actors::source_context& ctx) override {
    ctx.ready();
    while (!ctx.stop_requested() && !ctx.drain_requested()) {
      auto readable =
        std::array{pollfd{socket_, POLLIN, 0}, pollfd{ctx.wake_descriptor(), POLLIN, 0}};
      if (!held_.empty())
        readable[0].fd = -1; // first there must be room downstream: the wake descriptor tells
      ::poll(readable.data(), readable.size(), -1);
      ctx.acknowledge();
      if ((readable[0].revents & POLLIN) != 0)
        held_ = read();
      if (ctx.emit(held_) == actors::emit_result::taken)
        held_ = {};
    }
  }

private:
  actors::event_batch read() const {
    auto text = std::array<char, 64>{};
    const auto size = ::recv(socket_, text.data(), text.size(), 0);
    const auto line = std::string_view{text.data(), size < 0 ? 0 : static_cast<std::size_t>(size)};
    const auto space = std::min(line.find(' '), line.size());
    auto degrees = std::uint64_t{0};
    std::from_chars(
      line.data() + std::min(space + 1, line.size()), line.data() + line.size(), degrees);
    auto reading = actors::batch_builder{};
    reading.add({.path = line.substr(0, space), .size = degrees});
    return reading.finish();
  }

  int socket_;               ///< the host's, which outlives every incarnation
  actors::event_batch held_; ///< read, and not yet taken
};

/// Sends a datagram for each reading that is too cold.
class pager final : public actors::sink {
public:
  explicit pager(int socket) : socket_{socket} {}

  void offer(const actors::event_batch& batch, actors::sink_context& ctx) override {
    for (const auto& reading : batch) {
      if (reading.size >= 5)
        continue;
      const auto text =
        std::string{reading.path} + " is down to " + std::to_string(reading.size) + " degrees";
      if (::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) < 0)
        ctx.fail("the pager cannot be reached"); // the batch is offered to the next incarnation
    }
  } // returning means: it is safe where it went

private:
  int socket_;
};

int main() {
  int house[2], person[2];
  if (::socketpair(AF_UNIX, SOCK_DGRAM, 0, house) != 0
      || ::socketpair(AF_UNIX, SOCK_DGRAM, 0, person) != 0)
    return 1;
  auto node = actors::node{};
  auto pipeline =
    node.pipeline("heating")
      .source("thermometers", [&] { return std::make_unique<thermometers>(house[0]); })
      .sink("pager", [&] { return std::make_unique<pager>(person[0]); })
      .start();
  if (!pipeline) {
    std::cerr << pipeline.error().text << '\n';
    return 78;
  }

  for (const std::string reading : {"attic 21", "cellar 3", "attic 20", "cellar 2"})
    ::send(house[1], reading.data(), reading.size(), 0);
  for (auto pages = 0; pages < 2; ++pages) {
    auto page = std::array<char, 128>{};
    const auto size = ::recv(person[1], page.data(), page.size(), 0);
    std::cout << std::string_view{page.data(), static_cast<std::size_t>(size)} << '\n';
  }
  const auto report = node.stop(5s);
  std::cout << report.text << '\n';
  return report.clean ? 0 : 1;
}

#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace actors {

/// What a client wants of a door.
struct door_request {
  std::string method;                       ///< GET, POST; a HEAD comes as GET
  std::string path;                         ///< decoded, without the query
  std::map<std::string, std::string> query; ///< decoded; the first of several with a name

  /// How long whoever asks waits, over a link; nothing: somebody asks at a door of this node.
  std::optional<std::chrono::milliseconds> within{};
};

/// What a door answers.
struct door_answer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;

  /// A stream: called again and again on the connection's thread. Appends what is to be sent next,
  /// if there is anything, within a quarter of a second; false: that is the end.
  std::function<bool(std::string& more)> next{};

  /// What is done once the answer is on its way; only over a link, which that may cut.
  std::function<void()> then{};
};

/// Decides what is answered; called on many threads at a time. May throw: the client is told
/// nothing but that it happened.
using door_routes = std::function<door_answer(const door_request&)>;

/// What a door grants whoever comes.
struct door_limits {
  /// Each has a thread while it is open: some 100 KiB. People, a monitor or three, the dashboards.
  /// Who comes when all are taken is given the place of the one that has said nothing for longest;
  /// when all have asked and wait for their answers, 503.
  std::size_t connections_max = 64;

  /// Request line and headers. Browsers send a kilobyte or two; servers commonly take 8 to 16 KiB.
  std::size_t head_bytes_max = 16 * 1024;

  /// Lines of it; browsers send twenty.
  std::size_t head_lines_max = 100;

  /// No route wants a body; one that comes is read and thrown away, so that the answer arrives
  /// (unread bytes at a close make the kernel reset the connection), but no more of it than this.
  std::size_t body_bytes_max = 64 * 1024;

  /// For the whole request, its handshake included, however slowly it drips.
  std::chrono::milliseconds request_patience{5000};

  /// For all of an answer, or for one piece of a stream, to be taken.
  std::chrono::milliseconds answer_patience{10'000};
};

} // namespace actors

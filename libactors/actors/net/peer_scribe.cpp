#include "actors/net/peer_scribe.hpp"

#include "actors/os/socket_breaker.hpp"

#include <caf/io/network/default_multiplexer.hpp>
#include <caf/io/network/stream_impl.hpp>
#include <caf/make_counted.hpp>

#include <span>
#include <utility>

namespace actors {

namespace {

namespace net = caf::io::network;

/// How a stream of CAF's reads and writes.
class peer_policy {
public:
  explicit peer_policy(std::shared_ptr<peer_stream> stream) : stream_{std::move(stream)} {}

  net::rw_state read_some(std::size_t& count, net::native_socket, void* into, std::size_t size) {
    count = 0;
    if (size == 0)
      return net::rw_state::indeterminate;
    const auto done = stream_->read({static_cast<char*>(into), size});
    return state(done, count);
  }

  net::rw_state write_some(
    std::size_t& count, net::native_socket, const void* bytes, std::size_t size) {
    count = 0;
    if (size == 0)
      return net::rw_state::indeterminate;
    const auto done = stream_->write({static_cast<const char*>(bytes), size});
    return state(done, count);
  }

  /// What TLS has read ahead no poll(2) will tell of.
  bool must_read_more(net::native_socket, std::size_t) { return stream_->holds_input(); }

private:
  static net::rw_state state(const result<std::size_t>& done, std::size_t& count) {
    if (!done)
      return net::rw_state::failure;
    count = *done; // 0: it would block, which CAF takes as it is meant
    return net::rw_state::success;
  }

  std::shared_ptr<peer_stream> stream_;
};

class peer_scribe final : public caf::io::scribe {
public:
  /// CAF closes the descriptor it is given: it gets one of its own, of the same socket.
  peer_scribe(net::default_multiplexer& loop, int own, std::shared_ptr<peer_stream> stream)
    : scribe{net::conn_hdl_from_socket(own)}, stream_{loop, own, std::move(stream)} {}

  void configure_read(caf::io::receive_policy::config how) override {
    stream_.configure_read(how);
    if (!std::exchange(is_launched_, true))
      stream_.start(this);
  }
  void ack_writes(bool wanted) override { stream_.ack_writes(wanted); }
  std::vector<char>& wr_buf() override { return stream_.wr_buf(); }
  std::vector<char>& rd_buf() override { return stream_.rd_buf(); }
  void graceful_shutdown() override {
    stream_.graceful_shutdown();
    detach(&stream_.backend(), false);
  }
  void flush() override { stream_.flush(this); }
  std::string addr() const override { return {}; }
  std::uint16_t port() const override { return 0; }
  void add_to_loop() override { stream_.activate(this); }
  void remove_from_loop() override { stream_.passivate(); }

private:
  bool is_launched_ = false;
  net::stream_impl<peer_policy> stream_;
};

} // namespace

caf::io::scribe_ptr make_peer_scribe(
  net::default_multiplexer& loop, std::shared_ptr<peer_stream> stream) {
  const auto own = duplicate(stream->descriptor());
  if (own < 0)
    return nullptr;
  return caf::make_counted<peer_scribe>(loop, own, std::move(stream));
}

} // namespace actors

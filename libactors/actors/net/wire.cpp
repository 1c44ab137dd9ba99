#include "actors/net/wire.hpp"

#include "actors/net/peer_scribe.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/io/broker.hpp>
#include <caf/io/middleman.hpp>
#include <caf/io/network/default_multiplexer.hpp>
#include <caf/logger.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <future>
#include <string_view>
#include <thread>
#include <utility>

namespace actors {

namespace {

using namespace std::chrono_literals;

using finish_atom = caf::atom_constant<caf::atom("finish")>;
using caf::io::receive_policy;

/// For CAF to end its threads: it takes milliseconds, once all sockets are cut.
constexpr auto end_patience = 5s;

/// For what was finished just now to go out: a word of goodbye takes less than a millisecond.
constexpr auto finish_patience = 500ms;

/// Read at a time of what nobody wants any more.
constexpr auto leftover_bytes = std::size_t{16 * 1024};

struct configuration : caf::actor_system_config {
  configuration() {
    load<caf::io::middleman>();
    set("scheduler.policy", caf::atom("sharing")); // `stealing` polls
    set("scheduler.max-threads", std::size_t{1});  // brokers run on the multiplexer's thread
    set("middleman.workers", std::size_t{0});      // they would decode BASP, which nobody speaks
  }
};

/// One connection: frames in, frames out, on the multiplexer's thread.
caf::behavior carry(caf::io::broker* self, const caf::io::scribe_ptr& scribe,
  const std::shared_ptr<wire_session>& session) {
  const auto connection = scribe->hdl();
  self->add_scribe(scribe);
  self->configure_read(connection, receive_policy::exactly(frame_header_size));
  self->ack_writes(connection, true);
  self->set_default_handler(caf::drop);
  const auto close = [=] {
    self->close(connection);
    self->quit();
  };
  const auto end = [=](const std::string& why) {
    session->cut(why); // a peer that keeps its end open keeps nothing of ours
    close();
  };
  auto expected = std::make_shared<std::optional<frame_header>>();
  auto is_finishing = std::make_shared<bool>(false);
  const auto say_end = [=] {
    if (*is_finishing && !session->has_unsent())
      session->say_end(); // and the other end closes
  };
  const auto take_in = [=](const frame_header& header, std::string payload) {
    if (!session->take_in(header, std::move(payload)))
      return end("it sends more than it may");
    expected->reset();
    self->configure_read(connection, receive_policy::exactly(frame_header_size));
  };
  return {
    [=](caf::io::new_data_msg& came) {
      const auto bytes = std::string_view{came.buf.data(), came.buf.size()};
      if (*is_finishing) // it is read, so that the connection is not reset before the other end
        return;          // has read ours; and forgotten
      session->heard();
      if (*expected)
        return take_in(**expected, std::string{bytes});
      const auto header = read_frame_header(bytes);
      if (!header)
        return end("what it sends is no frame: " + header.error().text);
      if (header->payload_size == 0)
        return take_in(*header, {});
      if (!session->may_come(*header))
        return end("it promises more than it may before it has said who it is");
      *expected = *header;
      self->configure_read(connection, receive_policy::exactly(header->payload_size));
    },
    [=](const caf::io::data_transferred_msg& gone) {
      session->sent(gone.written);
      say_end();
    },
    [=](const caf::io::connection_closed_msg&) { end("the other end has closed the connection"); },
    [=](const std::string& frame) {
      self->write(connection, frame.size(), frame.data());
      self->flush(connection);
    },
    [=](finish_atom) {
      session->over("finished");
      *is_finishing = true;
      self->configure_read(connection, receive_policy::at_most(leftover_bytes));
      say_end();
    },
  };
}

/// A class, and not a function that CAF wraps: its wrapper binds a reference to nothing where there
/// are no arguments (init_fun_factory.hpp:85 at 0.17.6), which the sanitizer takes amiss.
class carrier final : public caf::io::broker {
public:
  carrier(
    caf::actor_config& config, caf::io::scribe_ptr scribe, std::shared_ptr<wire_session> session)
    : broker{config}, scribe_{std::move(scribe)}, session_{std::move(session)} {}

protected:
  caf::behavior make_behavior() override {
    return carry(this, std::exchange(scribe_, nullptr), std::exchange(session_, nullptr));
  }

private:
  caf::io::scribe_ptr scribe_;
  std::shared_ptr<wire_session> session_;
};

/// CAF has a thread that makes an actor keep the logger of its system, and ~actor_system waits, for
/// ever, until all threads have let go of it: those of the host do so at once.
struct logger_guard {
  ~logger_guard() { caf::logger::set_current_actor_system(nullptr); }
};

} // namespace

struct wire::system {
  configuration config;
  caf::actor_system actors{config};
};

bool wire::has_unfinished() const {
  return std::any_of(sessions_.begin(), sessions_.end(), [](const auto& each) {
    const auto session = each.lock();
    return session && session->is_finishing() && session->has_unsent();
  });
}

wire::wire() {
  const auto guard = logger_guard{};
  system_ = std::make_unique<system>();
}

wire::~wire() {
  for (const auto due = std::chrono::steady_clock::now() + finish_patience;
       has_unfinished() && std::chrono::steady_clock::now() < due;)
    std::this_thread::sleep_for(1ms); // between looks: writing tells nobody, and is over at once
  for (const auto& each : sessions_)
    if (const auto session = each.lock())
      session->cut("the wire has ended");
  // On a thread of its own: what hangs there is left behind, and nobody waits for it.
  auto ended = std::make_shared<std::promise<void>>();
  auto end = ended->get_future();
  std::thread{[ending = std::shared_ptr<system>{std::move(system_)}, ended]() mutable {
    ending.reset();
    ended->set_value();
  }}.detach();
  end.wait_for(end_patience);
}

/// No timer of CAF's does this: one that is set when the system ends keeps its actor for ever.
void wire::tidy() {
  const auto held = std::scoped_lock{mutex_};
  std::erase_if(sessions_, [](const auto& x) { return x.expired(); });
  for (const auto& each : sessions_)
    if (const auto old = each.lock(); old && old->lingers_too_long())
      old->cut("finished");
}

result<std::shared_ptr<wire_session>> wire::open(
  std::shared_ptr<peer_stream> stream, std::size_t inbox_bytes_max, std::function<void()> on_news) {
  const auto guard = logger_guard{};
  auto& middleman = system_->actors.middleman();
  auto& loop = dynamic_cast<caf::io::network::default_multiplexer&>(middleman.backend());
  auto scribe = make_peer_scribe(loop, stream);
  if (!scribe)
    return failure(errc::limit_reached, "no descriptor is left for a connection");
  auto session =
    std::make_shared<wire_session>(std::move(stream), inbox_bytes_max, std::move(on_news));
  tidy();
  {
    const auto held = std::scoped_lock{mutex_};
    sessions_.push_back(session);
  }
  auto config = caf::actor_config{&middleman.backend()};
  const auto actor =
    system_->actors.spawn_class<carrier, caf::no_spawn_options>(config, scribe, session);
  session->attach({[actor](std::string frame) { caf::anon_send(actor, std::move(frame)); },
    [actor] { caf::anon_send(actor, finish_atom::value); }});
  return session;
}

} // namespace actors

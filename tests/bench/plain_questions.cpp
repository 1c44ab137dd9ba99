#include "plain_questions.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <stdexcept>

namespace actors::bench {

struct question {
  event_batch batch;
};

} // namespace actors::bench

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(actors::bench::question)

namespace actors::bench {

namespace {

struct configuration : caf::actor_system_config {
  configuration() {
    set("scheduler.policy", caf::atom("sharing")); // the policy of our engine
    set("scheduler.max-threads", std::size_t{2});
  }
};

class answering_actor final : public caf::event_based_actor {
public:
  using caf::event_based_actor::event_based_actor;

protected:
  caf::behavior make_behavior() override {
    return {[](const question& x) { return x; }};
  }
};

} // namespace

struct plain_questions::inside {
  configuration config;
  caf::actor_system system{config};
  caf::actor whom = system.spawn<answering_actor>();

  ~inside() {
    caf::anon_send_exit(whom, caf::exit_reason::user_shutdown);
    whom = nullptr;
  }
};

plain_questions::plain_questions() : inside_{std::make_unique<inside>()} {}
plain_questions::~plain_questions() = default;

std::function<void()> plain_questions::asker(const event_batch& what) {
  return [self = std::make_shared<caf::scoped_actor>(inside_->system), whom = inside_->whom, what] {
    auto answered = false;
    (*self)
      ->request(whom, std::chrono::seconds{10}, question{what})
      .receive([&](const question&) { answered = true; }, [](const caf::error&) {});
    if (!answered)
      throw std::runtime_error{"plain CAF did not answer"};
  };
}

} // namespace actors::bench

#include "plain_caf.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <deque>
#include <functional>
#include <vector>

namespace actors::bench {

/// A batch as CAF sends it. It cannot go bare: CAF takes what has iterators for a container, and
/// looks into it for something to serialize, allowed unsafe or not.
struct parcel {
  event_batch batch;
};

/// Leave to send so many more messages. Goes up the pipeline.
struct grant {
  std::size_t messages;
};

} // namespace actors::bench

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(actors::bench::parcel)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(actors::bench::grant)

namespace actors::bench {

namespace {

struct configuration : caf::actor_system_config {
  configuration() {
    set("scheduler.policy", caf::atom("sharing")); // the policy of our engine
    set("scheduler.max-threads", std::size_t{2});
    set("scheduler.max-throughput", std::size_t{300}); // a third of the window a turn
  }
};

/// Gives back what a receiver has dealt with, in lots, through whatever its sender listens to.
class granting {
public:
  using give_function = std::function<void(std::size_t)>;

  granting(std::size_t lot, give_function give) : lot_{lot}, give_{std::move(give)} {}

  void done() {
    if (give_ && ++done_ == lot_)
      give_(std::exchange(done_, 0));
  }

private:
  std::size_t lot_;
  give_function give_; ///< none: unbounded
  std::size_t done_ = 0;
};

class counting_actor final : public caf::event_based_actor {
public:
  counting_actor(caf::actor_config& config, tally* seen, granting back)
    : caf::event_based_actor{config}, seen_{*seen}, back_{std::move(back)} {}

protected:
  caf::behavior make_behavior() override {
    return {[this](const parcel& x) {
      back_.done();
      seen_.add(x.batch);
    }};
  }

private:
  tally& seen_;
  granting back_;
};

/// Hands on as long as it has credit; what it must keep stays below the window, since its own
/// sender is granted only for what went on.
class passing_actor final : public caf::event_based_actor {
public:
  passing_actor(caf::actor_config& config, std::size_t window, granting back)
    : caf::event_based_actor{config}, credit_{window}, back_{std::move(back)} {}

protected:
  caf::behavior make_behavior() override {
    return {
      [this](const caf::actor& next) { next_ = next; },
      [this](parcel& x) {
        kept_.push_back(std::move(x));
        hand_on();
      },
      [this](grant more) {
        credit_ += more.messages;
        hand_on();
      },
    };
  }

  void on_exit() override { next_ = nullptr; }

private:
  void hand_on() {
    for (; credit_ != 0 && !kept_.empty(); --credit_) {
      send(next_, std::move(kept_.front()));
      kept_.pop_front();
      back_.done();
    }
  }

  caf::actor next_;
  std::size_t credit_;
  std::deque<parcel> kept_;
  granting back_;
};

/// Credit that is never used up.
constexpr auto endless = ~std::size_t{0} / 2;

} // namespace

struct plain_caf::inside {
  std::size_t capacity;
  std::chrono::seconds patience;
  configuration config;
  caf::actor_system system{config};
};

plain_caf::plain_caf(std::size_t capacity, std::chrono::seconds patience)
  : inside_{new inside{capacity, patience}} {}

plain_caf::~plain_caf() = default;

cost plain_caf::mailbox(const load& what, mode how) {
  return run(what, how, 0);
}

cost plain_caf::pipeline(const load& what, mode how) {
  return run(what, how, 2);
}

cost plain_caf::run(const load& what, mode how, std::size_t passing) {
  auto& system = inside_->system;
  const auto window = how == credit ? inside_->capacity : endless;
  const auto lot = inside_->capacity / 4;
  auto seen = tally{what};
  auto room = permits{window};
  auto children = std::vector<caf::actor>{}; // in the order of the flow
  const auto back = [&]() -> granting {
    if (how == unbounded)
      return {lot, nullptr};
    if (children.empty())
      return {lot, [&room](std::size_t more) { room.give(more); }};
    return {lot, [to = children.back()](std::size_t more) { caf::anon_send(to, grant{more}); }};
  };
  const auto append = [&](const caf::actor& next) {
    if (!children.empty())
      caf::anon_send(children.back(), next);
    children.push_back(next);
  };
  for (std::size_t i = 0; i < passing; ++i)
    append(system.spawn<passing_actor>(window, back()));
  append(system.spawn<counting_actor>(&seen, back()));

  seen.start();
  auto left = std::size_t{0};
  for (std::size_t i = 0; i < what.messages; ++i) {
    seen.await_due(i);
    if (left == 0)
      left = room.take_all(inside_->patience);
    --left;
    caf::anon_send(children.front(), parcel{what.message(i)});
  }
  auto spent = seen.await_all(inside_->patience);
  for (const auto& child : children)
    caf::anon_send_exit(child, caf::exit_reason::user_shutdown);
  children.clear();
  system.await_all_actors_done(); // they refer to `seen` and `room`
  return spent;
}

} // namespace actors::bench

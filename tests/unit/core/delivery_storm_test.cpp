// Two nodes and what is between them, in virtual time: whatever is lost, repeated, late or out of
// order, whoever crashes, and wherever connections break, each record is stored once and in order.
#include "actors/core/arrival_order.hpp"
#include "actors/core/delivery_window.hpp"
#include "actors/core/number_ranges.hpp"
#include "support/stormy_pipe.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <deque>
#include <random>
#include <set>
#include <span>
#include <string>
#include <vector>

using namespace actors;
using namespace actors::test;
using namespace std::chrono_literals;

namespace delivery_storm_tests {

constexpr auto streams = std::size_t{3}; ///< of a node that forwards those of others
constexpr auto ack_deadline = 60ms;
constexpr auto ack_interval = 10ms; ///< an ack is said again so often, whether it is news or not

/// Records first_seq, first_seq + 1, ... of a stream, as a sender cuts them.
struct piece {
  std::size_t stream = 0;
  std::uint64_t first_seq = 0;
  std::size_t count = 0;
  std::uint64_t made = 0; ///< no other piece has that number
};

struct data_frame {
  std::uint64_t session = 0;
  std::uint64_t number = 0;
  piece what;
};

struct ack_frame {
  std::uint64_t session = 0;
  std::uint64_t upto = 0;
  std::size_t credit = 0;
};

struct record {
  std::size_t stream = 0;
  std::uint64_t seq = 0;

  friend bool operator==(const record&, const record&) = default;
};

/// Chances of a thousand, at each step.
struct weather {
  pipe_weather pipes;
  unsigned cut = 0, sender_crash = 0, receiver_crash = 0, nonsense = 0;
};

/// A third of the worlds has a transport that keeps order, as TCP does, so that it is not the gaps
/// alone that end a session.
weather random_weather(std::mt19937_64& random) {
  const auto some = [&](unsigned max) { return static_cast<unsigned>(random() % (max + 1)); };
  auto made = weather{};
  made.pipes.late_ms = 1 + some(20);
  if (random() % 3 != 0)
    made.pipes = {
      .lose = some(60), .repeat = some(200), .reorder = some(60), .late_ms = 1 + some(20)};
  made.cut = some(15);
  made.sender_crash = some(8);
  made.receiver_crash = some(8);
  made.nonsense = some(8);
  return made;
}

/// What is stored, and how far: both change at once. Survives the receiver.
class store {
public:
  /// How many of the records it had already.
  std::size_t commit(const piece& what) {
    auto& seqs = seqs_[what.stream];
    const auto before = seqs.size();
    const auto taken =
      numbers_[what.stream].take({what.first_seq, what.first_seq + what.count - 1});
    missing_ += taken.passed_over - taken.late;
    for (const auto& [first, last] : taken.fresh)
      for (auto seq = first; seq <= last; ++seq)
        seqs.push_back(seq);
    return what.count - (seqs.size() - before);
  }

  bool has(const piece& what) const {
    const auto& seqs = seqs_[what.stream];
    const auto first = std::ranges::lower_bound(seqs, what.first_seq) - seqs.begin();
    const auto found = std::span{seqs}.subspan(static_cast<std::size_t>(first));
    return what.count <= found.size() && found.front() == what.first_seq
           && found[what.count - 1] == what.first_seq + what.count - 1;
  }

  const std::vector<std::uint64_t>& seqs(std::size_t stream) const { return seqs_[stream]; }
  std::uint64_t missing() const { return missing_; }

private:
  std::array<number_ranges, streams> numbers_;
  std::array<std::vector<std::uint64_t>, streams> seqs_;
  std::uint64_t missing_ = 0;
};

class world {
public:
  explicit world(std::uint64_t seed)
    : random_{seed}, weather_{random_weather(random_)}, window_{1 + below(12)}, data_{random_},
      acks_{random_} {
    auto last = std::array<std::uint64_t, streams>{};
    auto stream = std::size_t{0};
    for (auto left = 60 + below(400); left > 0; --left) {
      if (below(4) == 0)
        stream = below(streams);
      const auto lost = below(50) == 0 ? 1 + below(3) : 0; // at an edge that may lose records
      skipped_ += lost;
      input_.push_back({stream, last[stream] += 1 + lost});
    }
  }

  /// Empty, or which promise was broken.
  std::string run() {
    for (auto i = 0; i < 400; ++i)
      step();
    weather_ = {};
    for (const auto end = now_ + 3s; now_ < end && released_ < input_.size() && trouble_.empty();)
      step();
    check(released_ == input_.size(), "it gets there when the weather is calm");
    check_store();
    return trouble_;
  }

  /// How often it came to what the storm is there for.
  struct counts {
    std::uint64_t sessions = 0, crashes = 0, gaps = 0, repeats = 0, nonsense = 0, known = 0;
  };
  const counts& seen() const { return seen_; }

private:
  std::size_t below(std::size_t end) { return random_() % end; }
  bool happens(unsigned chance) { return below(1000) < chance; }
  std::chrono::milliseconds a_while() { return std::chrono::milliseconds{below(30)}; }
  void check(bool is_kept, const char* promise) {
    if (!is_kept && trouble_.empty())
      trouble_ = promise;
  }

  void step() {
    now_ += 1ms;
    if (happens(weather_.sender_crash))
      crash_sender();
    if (happens(weather_.receiver_crash))
      crash_receiver();
    if (happens(weather_.cut))
      hang_up();
    if (happens(weather_.nonsense))
      hear_nonsense();
    dial();
    take_input();
    send();
    for (const auto& frame : data_.take(now_))
      receive(frame);
    if (below(3) == 0)
      commit();
    if (now_ >= ack_due_)
      acknowledge();
    for (const auto& frame : acks_.take(now_))
      hear(frame);
    check(window_.size() == open_.size() && open_.size() <= window_.capacity(),
      "the window keeps its bound");
  }

  // The sender. What is not released of its input is given to it again after a crash, and cut in
  // other pieces.

  void crash_sender() {
    window_ = delivery_window<piece>{1 + below(12)};
    open_.clear();
    given_.clear();
    taken_ = released_;
    ++seen_.crashes;
    hang_up();
  }

  void hang_up() {
    window_.end_session();
    session_ = 0;
    redial_at_ = now_ + a_while();
  }

  /// Who is dialled forgets the session before: what comes of it later is not looked at.
  void dial() {
    if (session_ != 0 || now_ < redial_at_ || now_ < receiver_back_at_)
      return;
    session_ = peer_session_ = ++seen_.sessions;
    sent_ = 0;
    heard_at_ = now_;
    order_ = {};
    come_ = 0;
    const auto credit = below(10);
    granted_ = credit;
    window_.begin_session(credit);
  }

  void take_input() {
    while (taken_ < input_.size() && window_.has_room() && below(4) != 0) {
      const auto [stream, first] = input_[taken_];
      const auto count_max = std::min(1 + below(6), input_.size() - taken_);
      auto count = std::size_t{1};
      while (count < count_max && input_[taken_ + count] == record{stream, first + count})
        ++count;
      open_.push_back({.stream = stream, .first_seq = first, .count = count, .made = ++made_});
      window_.add(open_.back());
      taken_ += count;
    }
  }

  void send() {
    while (const auto next = window_.next(now_)) {
      check(next->number == ++sent_, "numbers follow one another");
      check(next->is_repeat != given_.insert(next->item->made).second, "a repeat says so");
      seen_.repeats += next->is_repeat ? 1 : 0;
      data_.send({session_, next->number, *next->item}, weather_.pipes, now_);
    }
    const auto since = std::min(window_.waiting_since().value_or(now_), heard_at_);
    if (session_ != 0 && now_ - since > ack_deadline)
      hang_up();
  }

  void hear(const ack_frame& frame) {
    if (session_ == 0 || frame.session != session_)
      return;
    heard_at_ = now_;
    const auto safe = window_.acknowledge(frame.upto, frame.credit, now_);
    check(safe.has_value(), "a true ack is no nonsense");
    for (std::size_t i = 0; i < safe.value_or(0); ++i) {
      check(store_.has(open_.front()), "only what is stored is released");
      released_ += open_.front().count;
      open_.pop_front();
    }
  }

  void hear_nonsense() {
    const auto upto = sent_ + 1 + (below(2) == 0 ? below(20) : random_() / 2);
    const auto credit = window_.credit();
    check(!window_.acknowledge(upto, below(30), now_).has_value(), "nonsense is noticed");
    check(window_.size() == open_.size() && window_.credit() == credit, "nonsense changes nothing");
    ++seen_.nonsense;
    if (below(2) == 0)
      hang_up();
  }

  // The receiver. What has come waits, in order, until it is committed; sessions do not matter to
  // the store.

  void crash_receiver() {
    peer_session_ = 0;
    inbox_.clear();
    receiver_back_at_ = now_ + a_while();
    ++seen_.crashes;
    if (below(2) == 0) // the sender hears of it, or it does not
      hang_up();
  }

  void receive(const data_frame& frame) {
    if (peer_session_ == 0 || frame.session != peer_session_)
      return;
    switch (order_.take(frame.number)) {
      case arrival_order::verdict::next:
        check(frame.number == ++come_, "what is next follows what came");
        check(frame.number <= granted_, "no more is on its way than there is credit");
        inbox_.push_back(frame);
        break;
      case arrival_order::verdict::repeated:
        check(frame.number <= come_, "what is repeated came before");
        break;
      case arrival_order::verdict::gap:
        check(frame.number > come_ + 1, "something is missing before a gap");
        peer_session_ = 0; // and the deadline tells the sender
        ++seen_.gaps;
    }
  }

  void commit() {
    auto left = below(inbox_.size() + 1);
    if (left == 0)
      return;
    for (; left > 0; --left) {
      const auto frame = inbox_.front();
      seen_.known += store_.commit(frame.what);
      if (frame.session == peer_session_)
        order_.commit(frame.number);
      inbox_.pop_front();
    }
    if (below(2) == 0)
      acknowledge();
  }

  void acknowledge() {
    ack_due_ = now_ + ack_interval;
    if (peer_session_ == 0)
      return;
    const auto credit = below(10);
    granted_ = std::max(granted_, order_.upto() + credit);
    acks_.send({peer_session_, order_.upto(), credit}, weather_.pipes, now_);
  }

  void check_store() {
    auto expected = std::array<std::vector<std::uint64_t>, streams>{};
    for (const auto& [stream, seq] : input_)
      expected[stream].push_back(seq);
    for (std::size_t i = 0; i < streams; ++i)
      check(store_.seqs(i) == expected[i], "each record is stored once and in order");
    check(store_.missing() == skipped_, "what was lost before is counted");
  }

  std::mt19937_64 random_;
  weather weather_;

  time_point now_{};
  std::string trouble_;
  counts seen_;

  std::vector<record> input_;
  std::uint64_t skipped_ = 0;
  std::size_t taken_ = 0;    ///< of the input, by the sender
  std::size_t released_ = 0; ///< of the input: it need not be given again

  delivery_window<piece> window_;
  std::deque<piece> open_; ///< what must be in the window
  std::set<std::uint64_t> given_;
  std::uint64_t made_ = 0;
  std::uint64_t session_ = 0; ///< 0: none
  std::uint64_t sent_ = 0;    ///< in this session
  time_point redial_at_{};
  time_point heard_at_{};

  stormy_pipe<data_frame> data_;
  stormy_pipe<ack_frame> acks_;

  std::uint64_t peer_session_ = 0;
  time_point receiver_back_at_{};
  arrival_order order_;
  std::uint64_t come_ = 0;    ///< the last number of this session that came in order
  std::uint64_t granted_ = 0; ///< the largest number the sender may have used
  std::deque<data_frame> inbox_;
  time_point ack_due_{};
  store store_; ///< survives the receiver
};

} // namespace delivery_storm_tests

BOOST_AUTO_TEST_SUITE(delivery_storm_tests)

BOOST_AUTO_TEST_CASE(whatever_happens_on_the_way_each_record_is_stored_once_and_in_order) {
  auto seen = world::counts{};
  for (std::uint64_t seed = 1; seed <= 5'000; ++seed) {
    auto storm = world{seed};
    const auto trouble = storm.run();
    BOOST_REQUIRE_MESSAGE(trouble.empty(), "seed " << seed << ": " << trouble);
    const auto& x = storm.seen();
    seen.sessions += x.sessions;
    seen.crashes += x.crashes;
    seen.gaps += x.gaps;
    seen.repeats += x.repeats;
    seen.nonsense += x.nonsense;
    seen.known += x.known;
  }
  BOOST_TEST_MESSAGE(seen.sessions << " sessions, " << seen.crashes << " crashes, " << seen.gaps
                                   << " gaps, " << seen.repeats << " repeats, " << seen.nonsense
                                   << " nonsense, " << seen.known << " known records");
  for (const auto often :
    {seen.sessions, seen.crashes, seen.gaps, seen.repeats, seen.nonsense, seen.known})
    BOOST_TEST(often > 5'000U, "a storm in which little happens proves little");
}

BOOST_AUTO_TEST_SUITE_END()

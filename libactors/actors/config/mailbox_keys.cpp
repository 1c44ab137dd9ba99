#include "actors/config/option_keys.hpp"

namespace actors {

namespace {

constexpr named_value<overflow_policy> overflow_words[] = {{"hold", overflow_policy::hold},
  {"reject", overflow_policy::reject}, {"drop_newest", overflow_policy::drop_newest},
  {"drop_oldest", overflow_policy::drop_oldest}, {"conflate", overflow_policy::conflate}};

constexpr named_value<redelivery> redelivery_words[] = {
  {"once_more", redelivery::once_more}, {"never", redelivery::never}};

} // namespace

void describe(key_visitor& keys, mailbox_limits& limits) {
  keys.number("messages_max", limits.messages_max, 1, 1'000'000,
    "Batches that wait. At one a millisecond, what a busy watcher sends, the default is a second.");
  keys.number("bytes_max", limits.bytes_max, 1024, 1LL << 32,
    "Bounds memory; 4 MiB are some 40,000 changes. A batch that is larger by itself passes when "
    "nothing else waits.");
  keys.choice("on_full", limits.on_full, overflow_words,
    "`hold`: whoever sends waits, and nothing is lost; so a dead sink stops its pipeline. "
    "`drop_oldest`, `drop_newest`: loses, and counts. `conflate`: a batch takes the place of the "
    "one that waits for the same. `reject`: refuses. Whatever is not `hold` lets the others go on "
    "when this sink fails.");
  keys.choice("on_crash", limits.on_crash, redelivery_words,
    "What becomes of the batch that was in work: given again, and only what crashes twice alone is "
    "lost; or lost at once, where doing it twice is worse.");
}

} // namespace actors

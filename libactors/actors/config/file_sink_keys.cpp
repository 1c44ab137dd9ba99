#include "actors/config/option_keys.hpp"

namespace actors {

using namespace std::chrono_literals;

namespace {

constexpr named_value<sync_policy> sync_words[] = {{"never", sync_policy::never},
  {"each_batch", sync_policy::each_batch}, {"interval", sync_policy::interval}};

} // namespace

void describe(key_visitor& keys, file_sink_options& options) {
  keys.text("path", options.path, value_rule::file_to_write, "Records are appended to it.",
    key_visitor::presence::required);
  keys.mebibytes("rotate_mb", options.bytes_max, 0, 1'000'000,
    "Turned over before a batch would make it larger. 64 MiB are some 500,000 records, and open in "
    "an editor. 0: never.");
  keys.whole_seconds("rotate_s", options.age_max, 0s, 366 * 24h,
    "Turned over when its first record is so old. 0: never.");
  keys.number("keep", options.keep, 0, 1'000,
    "Files that are kept when it is turned over, as PATH.1 (the latest) and so on.");
  keys.choice("sync", options.sync, sync_words,
    "When what was written is forced to the disk, to survive a crash of the machine. `each_batch` "
    "costs some milliseconds each; `interval` is once a second.");
}

} // namespace actors

#pragma once

#include "actors/core/dead_letter.hpp"
#include "actors/core/journal.hpp"
#include "actors/core/transition.hpp"

#include <string>

namespace actors {

/// `{"id":7,"event":"child_ready","child":"src/watcher",...}`
std::string to_json(const journal<transition>::entry& entry);

/// `{"events":[{"id":7,"event":"child_ready","child":"src/watcher",...}],"missed":0}`
std::string to_json(const journal<transition>::page& page);

/// `{"dead_letters":[{"id":1,"reason":"closed","child":"src/sink",...}],"missed":0,"totals":{...}}`
std::string to_json(const journal<dead_letter>::page& page, const loss_counts& counts);

} // namespace actors

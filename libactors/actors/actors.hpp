#pragma once

// Everything a host application needs: supervised, bounded, observable event pipelines.
//
//   auto node = actors::node{};
//   auto pipeline = node.pipeline("sources")
//     .watch("/srv/src")
//     .debounce({.quiet = 300ms, .hold_max = 3s})
//     .emit("to-ui", [](const actors::event_batch& batch) { ... })
//     .start();

#include "actors/core/event_batch.hpp"
#include "actors/node/batch_inbox.hpp"
#include "actors/node/config_file.hpp"
#include "actors/node/node.hpp"
#include "actors/node/pipeline.hpp"

#pragma once

// For tests of parts of your own: a stage alone on a bench, or a whole pipeline under its real
// supervisor, in virtual time. Link actors::testkit.
//
//   auto bench = actors::testkit::stage_bench{[] { return std::make_unique<my_stage>(); }};
//   bench.give(actors::testkit::batch_of({"/a"}));
//   bench.pass(300ms);
//   assert(bench.out.size() == 1);

#include "actors/testkit/batches.hpp"
#include "actors/testkit/fake_contexts.hpp"
#include "actors/testkit/scripted_stage.hpp"
#include "actors/testkit/stage_bench.hpp"
#include "actors/testkit/virtual_pipeline.hpp"

#pragma once

#include <cstddef>

namespace actors::bench {

/// A thread asks a worker, one question after the other; beside plain CAF.
void ask(std::size_t questions);

/// So many threads ask the same worker, each so many questions; beside plain CAF.
void ask_in_a_crowd(std::size_t threads, std::size_t questions);

/// The same, but the worker is busy all the time: how late each asker knows after its 100 ms, and
/// what it costs in memory while the questions wait, and when they have been passed over.
void ask_in_vain(std::size_t threads, std::size_t questions);

} // namespace actors::bench

#pragma once

#include "actors/runtime/ask.hpp"

#include <caf/mailbox_element.hpp>

#include <memory>

namespace actors {

/// The question that a CAF request is. Its answer, or the error that says why there is none, goes
/// to the sender at once; an error has the number of its `errc`, and the category "actors".
std::shared_ptr<ask> question_of(const caf::mailbox_element& request);

} // namespace actors

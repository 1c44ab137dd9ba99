#include "actors/runtime/question.hpp"

#include "actors/runtime/messages.hpp"

#include <caf/atom.hpp>
#include <caf/error.hpp>
#include <caf/make_message.hpp>

#include <cstdint>
#include <utility>

namespace actors {

std::shared_ptr<ask> question_of(const caf::mailbox_element& request) {
  const auto respond = [to = request.sender, id = request.mid.response_id()](
                         result<event_batch> answer) {
    if (answer)
      return to->enqueue(nullptr, id, caf::make_message(*std::move(answer)), nullptr);
    const auto& why = answer.error();
    to->enqueue(nullptr, id,
      caf::make_message(caf::error{
        static_cast<std::uint8_t>(why.code), caf::atom("actors"), caf::make_message(why.text)}),
      nullptr);
  };
  return std::make_shared<ask>(respond, time_point::max()); // the sender keeps the deadline
}

} // namespace actors

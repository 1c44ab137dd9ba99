#include "actors/node/batch_inbox.hpp"

#include "actors/sinks/inbox_store.hpp"

namespace actors {

batch_inbox::batch_inbox(inbox_limits limits) : store_{std::make_shared<inbox_store>(limits)} {}

batch_inbox::~batch_inbox() {
  store_->abandon();
}

int batch_inbox::descriptor() const {
  return store_->news_descriptor();
}
std::optional<event_batch> batch_inbox::take() {
  return store_->take();
}
std::size_t batch_inbox::size() const {
  return store_->size();
}
bool batch_inbox::is_done() const {
  return store_->is_done();
}

} // namespace actors

// A chat server's rooms: each is a supervised worker with a mailbox of its own. They come and go
// while the server runs, and one that crashes disturbs nobody.
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include <actors/actors.hpp>
#include <actors/core/batch_builder.hpp>

using namespace std::chrono_literals;

actors::event_batch said(const std::string& words) {
  auto one = actors::batch_builder{};
  one.add({.path = words});
  return one.finish();
}

/// Keeps count of what is said; one word it cannot bear.
class chat_room final : public actors::stage {
public:
  void on_batch(const actors::event_batch& batch, actors::context& ctx) override {
    for (const auto& what : batch)
      if (what.path == "abracadabra")
        ctx.fail("somebody said it"); // as any exception would: this room crashes, no other
    said_ += batch.size();
  }
  actors::result<actors::event_batch> on_ask(
    const actors::event_batch&, actors::context&) override {
    auto answer = actors::batch_builder{};
    answer.add({.path = "said", .size = said_});
    return answer.finish();
  }

private:
  std::size_t said_ = 0; // of this incarnation
};

int main() {
  auto options = actors::pool_options{};
  options.restart.backoff.base = 10s; // long, so that you see the room that is down
  auto node = actors::node{{.log = [](const actors::log_line&) {}}};
  auto rooms = node.pool(
    "rooms", [](const std::string&, const std::string&) { return std::make_unique<chat_room>(); },
    options);
  if (!rooms) {
    std::cerr << rooms.error().text << '\n';
    return 78;
  }
  const auto show = [&](const char* room) {
    const auto answer = rooms->ask(room, said("how many?"), 2s);
    std::cout << room << ": " << (answer ? std::to_string((*answer)[0].size) : answer.error().text)
              << '\n';
    return answer ? (*answer)[0].size : 0;
  };

  if (const auto added = rooms->add({{"kitchen"}, {"cellar"}}); !added)
    std::cerr << added.error().text << '\n';
  for (const std::string words : {"hello", "tea?", "abracadabra"})
    (void)rooms->push(words == "abracadabra" ? "cellar" : "kitchen", said(words));
  show("kitchen");
  show("cellar"); // it is down, and says when it is tried again: error::retry_after

  (void)rooms->reset("cellar"); // now, please
  (void)rooms->push("cellar", said("sorry"));
  show("cellar");
  for (const auto& [id, letter] : node.dead_letters(0, 10).entries)
    std::cout << "lost: " << letter.what << ", " << name_of(letter.reason) << '\n';

  (void)rooms->remove("kitchen"); // everybody has left
  if (!rooms->ask("kitchen", said("hello?")))
    std::cout << "the kitchen is no more\n";
  return node.stop(5s).clean ? 0 : 1;
}

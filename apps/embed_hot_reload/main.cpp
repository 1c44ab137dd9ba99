// A game that shows its assets as they are on disk now: what the artist saves is there a frame
// later, and what cannot be loaded leaves the old one in place.
//
//   embed_hot_reload DIRECTORY
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <thread>

#include <actors/actors.hpp>

using namespace std::chrono_literals;

/// The shaders of the game, by path. Touched by the frame loop alone.
class shaders {
public:
  void take_in(const actors::event& what) {
    using type = actors::event_type;
    if (what.type == type::remove || what.type == type::rename)
      loaded_.erase(std::string{what.type == type::rename ? what.from : what.path});
    if (what.type == type::create || what.type == type::modify || what.type == type::rename)
      load(std::string{what.path}); // the debouncer let go of it, so nobody is writing any more
  }
  std::string at(const std::string& path) const {
    const auto found = loaded_.find(path);
    return found == loaded_.end() ? "nothing" : found->second;
  }

private:
  void load(const std::string& path) {
    auto file = std::ifstream{path};
    auto source = std::string{std::istreambuf_iterator<char>{file}, {}};
    if (file && source.starts_with("paint "))
      loaded_[path] = source.substr(6);
    else
      std::cout << std::filesystem::path{path}.filename().string() << " does not compile\n";
  }

  std::map<std::string, std::string> loaded_;
};

int main(int argc, char** argv) {
  if (argc != 2)
    return 64;
  const auto sky = std::filesystem::absolute(argv[1]) / "sky.frag";
  std::ofstream{sky} << "paint it grey";

  auto options = actors::watch_options{};
  options.initial = true; // what is there already comes as `create`
  options.ignore = {"*.swp", "*~"};
  auto inbox = actors::batch_inbox{};
  auto node = actors::node{};
  auto pipeline = node.pipeline("assets")
                    .watch(argv[1], options)
                    .debounce({.quiet = 30ms, .hold_max = 500ms})
                    .emit("to-game", inbox)
                    .start();
  if (!pipeline) {
    std::cerr << pipeline.error().text << '\n';
    return 78;
  }

  auto game = shaders{};
  auto shown = std::string{"nothing"};
  for (auto frame = 0; frame < 600 && shown != "it blue"; ++frame) {
    while (const auto batch = inbox.take()) // costs a lock when there is nothing
      for (const auto& what : *batch)
        game.take_in(what);
    if (const auto now = game.at(sky); now != shown) {
      std::cout << "the sky: " << now << '\n';
      shown = now;
      if (shown == "it grey") // meanwhile, the artist: an accident, then by way of a rename
        std::ofstream{sky} << "pain";
    }
    if (frame == 60) {
      std::ofstream{sky.string() + "~"} << "paint it blue";
      std::filesystem::rename(sky.string() + "~", sky);
    }
    std::this_thread::sleep_for(16ms);
  }
  return shown == "it blue" ? 0 : 1;
}

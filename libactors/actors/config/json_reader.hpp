#pragma once

#include "actors/config/config_mistake.hpp"
#include "actors/config/json_tree.hpp"
#include "actors/config/key_visitor.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace actors {

/// A text that names something on this machine, which must be looked at.
struct machine_need {
  std::string key;
  std::string value;
  value_rule rule;
};

/// Reads an object of a configuration: keys that are there and right are taken over, all others
/// leave the default. Every mistake is noted; what nobody asked for is one too.
class json_reader final : public key_visitor {
public:
  /// All must outlive it. `path` is the key of the object; empty for the whole file.
  json_reader(const json_node& object, std::string path, mistake_list& mistakes,
    std::vector<machine_need>& needs)
    : object_{object}, path_{std::move(path)}, mistakes_{mistakes}, needs_{needs} {}

  void flag(std::string_view key, bool& value, std::string_view about) override;
  void real(
    std::string_view key, double& value, double min, double max, std::string_view about) override;
  void text(std::string_view key, std::string& value, value_rule rule, std::string_view about,
    presence how) override;
  void texts(std::string_view key, std::vector<std::string>& value, value_rule rule,
    std::string_view about, presence how) override;
  void object(
    std::string_view key, std::string_view about, const keys_inside& keys, presence how) override;
  void text_or_object(std::string_view key, std::string& value, value_rule rule,
    std::string_view about, const keys_inside& keys) override;
  void objects(std::string_view key, std::size_t items_max, std::string_view about,
    const keys_of_item& keys, presence how) override;
  void shapes(std::string_view key, const std::vector<std::string_view>& words,
    std::string_view about, const keys_of_item& keys) override;
  void refused(std::string_view key, std::string_view why) override;
  bool has(std::string_view key) const override { return object_.find(key) != nullptr; }

  /// Passes over a key that is for others.
  void pass_over(std::string_view key) { known_.push_back(key); }

  /// Reports the keys that were not asked for. To be called last.
  void finish();

private:
  void number_of(std::string_view key, std::int64_t& value, const range& within,
    std::string_view about) override;
  void word(std::string_view key, std::size_t& chosen, const std::vector<std::string_view>& words,
    std::string_view about) override;

  /// The value, if it is there and of that kind. Otherwise what is wrong is noted.
  const json_node* find(std::string_view key, json_node::kind kind);
  const json_node* take(std::string_view key);
  void require(std::string_view key, presence how);
  bool check(const json_node& item, const std::string& where, value_rule rule);
  void complain(std::string_view key, std::string text);
  std::string path_of(std::string_view key) const;

  const json_node& object_;
  const std::string path_;
  mistake_list& mistakes_;
  std::vector<machine_need>& needs_;
  std::vector<std::string_view> known_; ///< asked for; literals of the descriptions
  bool shape_is_known_ = true;
};

} // namespace actors

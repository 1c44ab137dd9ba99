#include "actors/config/key_reference.hpp"
#include "actors/config/option_keys.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace actors {

namespace {

using nlohmann::ordered_json;

/// Builds the schema of one object.
class schema_writer final : public key_visitor {
public:
  ordered_json take() && {
    if (shapes_.empty())
      return finished(std::move(properties_), std::move(required_));
    auto list = ordered_json::array();
    for (auto& shape : shapes_) {
      auto properties = std::move(shape.properties_);
      for (const auto& [key, value] : properties_.items())
        properties[key] = value;
      auto required = std::move(shape.required_);
      required.insert(required.end(), required_.begin(), required_.end());
      list.push_back(finished(std::move(properties), std::move(required)));
    }
    return {{"oneOf", std::move(list)}};
  }

  void flag(std::string_view key, bool& value, std::string_view about) override {
    add(key, about, {{"type", "boolean"}, {"default", value}});
  }
  void real(
    std::string_view key, double& value, double min, double max, std::string_view about) override {
    add(key, about, {{"type", "number"}, {"minimum", min}, {"maximum", max}, {"default", value}});
  }
  void text(std::string_view key, std::string& value, value_rule rule, std::string_view about,
    presence how) override {
    auto what = text_of(rule);
    if (!value.empty())
      what["default"] = value;
    add(key, about, std::move(what), how);
  }
  void texts(std::string_view key, std::vector<std::string>&, value_rule rule,
    std::string_view about, presence how) override {
    auto what = ordered_json{{"type", "array"}, {"items", text_of(rule)}};
    if (how == presence::required)
      what["minItems"] = 1;
    add(key, about, std::move(what), how);
  }
  void object(
    std::string_view key, std::string_view about, const keys_inside& keys, presence how) override {
    auto inside = schema_writer{};
    keys(inside);
    if (inside.required_.empty())
      how = presence::optional;
    add(key, about, std::move(inside).take(), how);
  }
  void text_or_object(std::string_view key, std::string&, value_rule rule, std::string_view about,
    const keys_inside& keys) override {
    auto inside = schema_writer{};
    keys(inside);
    add(key, about, {{"oneOf", ordered_json::array({text_of(rule), std::move(inside).take()})}});
  }
  void objects(std::string_view key, std::size_t items_max, std::string_view about,
    const keys_of_item& keys, presence how) override {
    auto inside = schema_writer{};
    keys(inside, 0);
    add(key, about,
      {{"type", "array"}, {"minItems", 1}, {"maxItems", items_max},
        {"items", std::move(inside).take()}},
      how);
  }
  void shapes(std::string_view key, const std::vector<std::string_view>& words,
    std::string_view about, const keys_of_item& keys) override {
    for (std::size_t i = 0; i < words.size(); ++i) {
      auto& shape = shapes_.emplace_back();
      shape.add(key, about, {{"const", words[i]}}, presence::required);
      keys(shape, i);
    }
  }
  void refused(std::string_view, std::string_view) override {}
  bool has(std::string_view) const override { return true; }

private:
  void number_of(std::string_view key, std::int64_t& value, const range& within,
    std::string_view about) override {
    auto what = ordered_json{{"type", "integer"}, {"minimum", within.min}, {"maximum", within.max}};
    if (!within.has_no_default)
      what["default"] = value;
    add(key, about, std::move(what));
  }
  void word(std::string_view key, std::size_t& chosen, const std::vector<std::string_view>& words,
    std::string_view about) override {
    add(key, about, {{"enum", words}, {"default", words[chosen]}});
  }

  static ordered_json text_of(value_rule rule) {
    auto what = ordered_json{{"type", "string"}};
    if (rule == value_rule::name)
      what["pattern"] = "^[A-Za-z0-9_-]{1,64}$";
    else if (rule == value_rule::change_kind)
      what["enum"] = {"create", "modify", "delete", "rename", "attrib"};
    else if (rule != value_rule::any && rule != value_rule::command_line)
      what["minLength"] = 1;
    return what;
  }

  void add(std::string_view key, std::string_view about, ordered_json what,
    presence how = presence::optional) {
    auto described = ordered_json{{"description", about}};
    described.update(what);
    properties_[std::string{key}] = std::move(described);
    if (how == presence::required)
      required_.emplace_back(key);
  }

  static ordered_json finished(ordered_json properties, std::vector<std::string> required) {
    auto schema = ordered_json{{"type", "object"}, {"additionalProperties", false}};
    if (!required.empty())
      schema["required"] = std::move(required);
    schema["properties"] = std::move(properties);
    return schema;
  }

  ordered_json properties_ = ordered_json::object();
  std::vector<std::string> required_;
  std::vector<schema_writer> shapes_;
};

} // namespace

std::string config_schema() {
  auto writer = schema_writer{};
  auto config = node_config{};
  auto mine = std::string{};
  describe(writer, config);
  writer.text("$schema", mine, value_rule::any, "Where this schema is, for editors.",
    key_visitor::presence::optional);
  auto schema = ordered_json{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
    {"title", "A configuration of actors"}};
  schema.update(std::move(writer).take());
  schema["anyOf"] = {{{"required", {"pipelines"}}}, {{"required", {"collect"}}}};
  return schema.dump(2) + "\n";
}

} // namespace actors

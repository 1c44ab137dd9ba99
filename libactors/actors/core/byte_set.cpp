#include "actors/core/byte_set.hpp"

namespace actors {

namespace {

constexpr bool is_between(unsigned char x, unsigned char low, unsigned char high) {
  return x >= low && x <= high;
}
constexpr bool is_digit(unsigned char x) {
  return is_between(x, '0', '9');
}
constexpr bool is_upper(unsigned char x) {
  return is_between(x, 'A', 'Z');
}
constexpr bool is_lower(unsigned char x) {
  return is_between(x, 'a', 'z');
}
constexpr bool is_alnum(unsigned char x) {
  return is_digit(x) || is_upper(x) || is_lower(x);
}
constexpr bool is_graph(unsigned char x) {
  return is_between(x, '!', '~');
}

struct named_class {
  std::string_view name;
  bool (*holds)(unsigned char);
};

/// Git's own, whatever the locale. Its "space" knows neither vertical tab nor form feed (ctype.c).
constexpr named_class named_classes[] = {
  {"alnum", is_alnum},
  {"alpha", [](unsigned char x) { return is_upper(x) || is_lower(x); }},
  {"blank", [](unsigned char x) { return x == ' ' || x == '\t'; }},
  {"cntrl", [](unsigned char x) { return x < 0x20 || x == 0x7F; }},
  {"digit", is_digit},
  {"graph", is_graph},
  {"lower", is_lower},
  {"print", [](unsigned char x) { return is_between(x, ' ', '~'); }},
  {"punct", [](unsigned char x) { return is_graph(x) && !is_alnum(x); }},
  {"space", [](unsigned char x) { return x == ' ' || x == '\t' || x == '\n' || x == '\r'; }},
  {"upper", is_upper},
  {"xdigit",
    [](unsigned char x) {
      return is_digit(x) || is_between(x, 'a', 'f') || is_between(x, 'A', 'F');
    }},
};

/// Walks over what stands between the brackets, one item a step.
class set_reader {
public:
  set_reader(std::string_view pattern, std::size_t at, char byte)
    : pattern_{pattern}, at_{at}, byte_{static_cast<unsigned char>(byte)} {}

  std::optional<byte_set_answer> read() {
    const auto turned = is_at('!') || is_at('^');
    at_ += turned ? 1 : 0;
    for (auto first = true; first || !is_at(']'); first = false)
      if (at_ >= pattern_.size() || !read_item())
        return std::nullopt;
    return byte_set_answer{at_ + 1, found_ != turned};
  }

private:
  bool is_at(char x) const { return at_ < pattern_.size() && pattern_[at_] == x; }

  bool read_item() {
    if (is_at('\\'))
      return read_byte();
    if (is_at('-') && low_ && at_ + 1 < pattern_.size() && pattern_[at_ + 1] != ']')
      return read_range();
    if (pattern_.substr(at_).starts_with("[:"))
      return read_class();
    return read_byte();
  }

  std::optional<unsigned char> take() {
    at_ += is_at('\\') ? 1 : 0;
    if (at_ >= pattern_.size())
      return std::nullopt;
    return static_cast<unsigned char>(pattern_[at_++]);
  }

  bool read_byte() {
    low_ = take();
    found_ |= low_ == byte_;
    return low_.has_value();
  }

  bool read_range() {
    ++at_;
    const auto high = take();
    found_ |= high && is_between(byte_, *low_, *high);
    low_.reset(); // the end of a range begins no other
    return high.has_value();
  }

  /// What looks like a class and does not end in ":]" is a set with '[' and ':' in it.
  bool read_class() {
    const auto name_at = at_ + 2;
    const auto close = pattern_.find(']', name_at);
    if (close == std::string_view::npos)
      return false;
    if (close == name_at || pattern_[close - 1] != ':')
      return read_byte();
    const auto name = pattern_.substr(name_at, close - 1 - name_at);
    at_ = close + 1;
    low_.reset();
    for (const auto& known : named_classes)
      if (known.name == name) {
        found_ |= known.holds(byte_);
        return true;
      }
    return false;
  }

  std::string_view pattern_;
  std::size_t at_;
  unsigned char byte_;
  std::optional<unsigned char> low_; ///< the byte before, which a '-' would make a range of
  bool found_ = false;
};

} // namespace

std::optional<byte_set_answer> ask_byte_set(
  std::string_view pattern, std::size_t at, char byte) noexcept {
  return set_reader{pattern, at + 1, byte}.read();
}

} // namespace actors

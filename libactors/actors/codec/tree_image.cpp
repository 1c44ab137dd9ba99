#include "actors/codec/tree_image.hpp"

#include <string_view>
#include <utility>

namespace actors {

namespace {

/// As of PNG: a transfer as text breaks the line end, and the last byte of the magic shows it.
constexpr auto magic = std::string_view{"ACTREE\r\n"};
constexpr std::uint8_t version = 1;

constexpr std::uint8_t is_silent = 8;
constexpr std::size_t name_max = 255;
constexpr std::size_t path_max = 1 << 20; ///< of a root; PATH_MAX is 4,096, but nothing enforces it
constexpr std::size_t boot_max = 64;
constexpr std::uint64_t number_max = UINT32_MAX;

result<tree_image_head> unusable(std::string why) {
  return failure(errc::invalid_argument, std::move(why));
}

result<tree_image_head> cut_or_damaged(unpacker& in) {
  return unusable(in.is_at_end() ? "it is cut off" : "it is damaged");
}

bool is_possible_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos
         && name.find('\0') == name.npos;
}

result<tree_image_head> read_head(unpacker& in) {
  const auto start = in.bytes(magic.size());
  if (!start || *start != magic)
    return unusable("it is no state file of actors");
  const auto written_by = in.byte();
  if (!written_by)
    return cut_or_damaged(in);
  if (*written_by != version)
    return failure(errc::not_supported, "it has version " + std::to_string(*written_by)
                                          + " and this program knows version "
                                          + std::to_string(version));
  auto head = tree_image_head{};
  const auto flags = in.byte();
  if (!flags)
    return cut_or_damaged(in);
  head.flags = *flags;
  in.begin_sum();
  const auto read_text = [&](std::string& into, std::size_t size_max) {
    const auto found = in.text(size_max);
    if (found)
      into = *found;
    return found.has_value();
  };
  if (!read_text(head.root, path_max) || !read_text(head.only_name, name_max)
      || !read_text(head.boot, boot_max))
    return cut_or_damaged(in);
  const auto device = in.fixed64();
  if (!device)
    return cut_or_damaged(in);
  head.device = *device;
  if (!head.root.starts_with('/') || (!head.only_name.empty() && !is_possible_name(head.only_name)))
    return unusable("it is damaged");
  return head;
}

/// Reads entries into a tree that was empty.
class entry_reader {
public:
  entry_reader(unpacker& in, path_tree& tree) : in_{in}, tree_{tree}, before_{&tree.root()} {}

  /// False when it cannot be.
  bool read_root() {
    const auto climb = in_.varint_to(0);
    const auto kind = in_.byte();
    if (!climb || !kind || (*kind & ~is_silent) != static_cast<int>(file_type::directory))
      return false;
    const auto facts = read_facts(file_type::directory);
    if (facts)
      tree_.update(tree_.root(), *facts);
    return facts.has_value();
  }

  bool read_next() {
    const auto climb = in_.varint();
    const auto kind = in_.byte();
    const auto name_bytes = kind ? in_.text(name_max) : std::nullopt;
    if (!climb || !name_bytes || !is_possible_name(*name_bytes))
      return false;
    const auto type = *kind & ~is_silent;
    if (type > static_cast<int>(file_type::other))
      return false;
    auto* parent = before_;
    for (auto up = *climb; up > 0 && parent != nullptr; --up)
      parent = parent->parent();
    if (parent == nullptr || !parent->is_directory())
      return false;
    name_ = *name_bytes;
    if (tree_.child(*parent, name_) != nullptr)
      return false;
    const auto facts = read_facts(static_cast<file_type>(type));
    if (!facts)
      return false;
    before_ = &tree_.create(*parent, name_, *facts);
    before_->set_silent((*kind & is_silent) != 0);
    return true;
  }

private:
  std::optional<file_facts> read_facts(file_type type) {
    const auto identity = in_.fixed64();
    const auto mode = in_.varint_to(number_max);
    const auto owner = in_.varint_to(number_max);
    const auto group = in_.varint_to(number_max);
    const auto links = in_.varint_to(number_max);
    const auto size = in_.varint();
    const auto modified = in_.fixed64();
    const auto later = in_.varint();
    if (!identity || !mode || !owner || !group || !links || !size || !modified || !later)
      return std::nullopt;
    auto facts = file_facts{};
    facts.identity = {*identity};
    facts.ftype = type;
    facts.attributes = {static_cast<std::uint32_t>(*mode), static_cast<std::uint32_t>(*owner),
      static_cast<std::uint32_t>(*group), static_cast<std::uint32_t>(*links)};
    facts.size = *size;
    facts.modified = static_cast<std::int64_t>(*modified);
    facts.changed =
      static_cast<std::int64_t>(*modified + static_cast<std::uint64_t>(unzigzag(*later)));
    return facts;
  }

  unpacker& in_;
  path_tree& tree_;
  tree_node* before_;
  std::string name_;
};

} // namespace

// -- writing --------------------------------------------------------------------------------------

tree_image_writer::tree_image_writer(const path_tree& tree, const tree_image_head& head)
  : next_{&tree.root()} {
  pack_text(head.root, head_);
  pack_text(head.only_name, head_);
  pack_text(head.boot, head_);
  pack_fixed64(head.device, head_);
  pack_varint(tree.size() - 1, head_);
  sum_.add(head_);
  head_.insert(0, magic);
  head_.insert(magic.size(), {static_cast<char>(version), static_cast<char>(head.flags)});
}

bool tree_image_writer::write(std::size_t bytes_min, std::string& out) {
  if (done_)
    return false;
  out.append(std::exchange(head_, {}));
  const auto begin = out.size();
  while (next_ != nullptr && out.size() - begin < bytes_min) {
    write_entry(*next_, out);
    advance();
  }
  sum_.add(std::string_view{out}.substr(begin));
  if (next_ == nullptr) {
    pack_fixed32(sum_.value(), out);
    done_ = true;
  }
  return true;
}

void tree_image_writer::write_entry(const tree_node& node, std::string& out) const {
  pack_varint(climb_, out);
  out.push_back(
    static_cast<char>(static_cast<int>(node.ftype()) | (node.is_silent() ? is_silent : 0)));
  if (node.parent() != nullptr)
    pack_text(node.name(), out);
  pack_fixed64(node.identity().value, out);
  const auto& x = node.attributes();
  for (const auto number : {x.mode, x.owner, x.group, x.links})
    pack_varint(number, out);
  pack_varint(node.size(), out);
  pack_fixed64(static_cast<std::uint64_t>(node.modified()), out);
  const auto later =
    static_cast<std::uint64_t>(node.changed()) - static_cast<std::uint64_t>(node.modified());
  pack_varint(zigzag(static_cast<std::int64_t>(later)), out);
}

void tree_image_writer::advance() {
  climb_ = 0;
  if (next_->first_child() != nullptr) {
    next_ = next_->first_child();
    return;
  }
  for (; next_ != nullptr; next_ = next_->parent()) {
    ++climb_;
    if (next_->next_sibling() != nullptr) {
      next_ = next_->next_sibling();
      return;
    }
  }
}

// -- reading --------------------------------------------------------------------------------------

result<tree_image_head> read_tree_image_head(byte_supply bytes) {
  auto in = unpacker{std::move(bytes)};
  return read_head(in);
}

result<tree_image_head> read_tree_image(
  byte_supply bytes, path_tree& tree, std::size_t entries_max) {
  auto in = unpacker{std::move(bytes)};
  auto head = read_head(in);
  if (!head)
    return head;
  const auto give_up = [&](result<tree_image_head> why) {
    while (tree.root().first_child() != nullptr)
      tree.remove(*tree.root().first_child());
    return why;
  };
  const auto count = in.varint();
  if (!count)
    return cut_or_damaged(in);
  if (*count >= entries_max)
    return failure(errc::full, "it holds more entries than entries_max");
  auto entries = entry_reader{in, tree};
  if (!entries.read_root())
    return cut_or_damaged(in);
  for (std::uint64_t i = 0; i < *count; ++i)
    if (!entries.read_next())
      return give_up(cut_or_damaged(in));
  const auto sum = in.sum();
  const auto written = in.fixed32();
  if (!written)
    return give_up(unusable("it is cut off"));
  if (*written != sum || !in.is_at_end())
    return give_up(unusable("it is damaged: its checksum is wrong"));
  return head;
}

} // namespace actors

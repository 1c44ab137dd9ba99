#pragma once

#include "actors/core/watch_options.hpp"
#include "actors/node/node.hpp"
#include "actors/node/pipeline.hpp"
#include "actors/node/pipeline_options.hpp"
#include "actors/runtime/child_spec.hpp"
#include "actors/spool/event_archive.hpp"
#include "actors/watch/state_file.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace actors {

class fault_plan;
class inbox_store;

/// What a builder has been told: the parts of a pipeline by name, and what is wrong with them. From
/// it come the children, in the order of starting.
struct pipeline_builder::plan {
  struct part {
    std::string name;
    std::variant<stage_factory, source_factory, sink_factory> make;
  };

  struct nest {
    std::string name;
    std::vector<std::string> children;
    supervision_rules rules;
  };

  /// A sink with a store in front of it: what is accepted is written there, and read from there.
  struct relay {
    std::optional<part> writer; ///< a sink; none: the store is filled by others
    part reader;                ///< a source, which feeds `deliverer`
    part deliverer;
    std::shared_ptr<delivery_listener> outbox; ///< told what was delivered; the reader has it too
  };

  /// Records of other nodes, from a store.
  struct gathering {
    part acceptor;
    part receiver;
    std::shared_ptr<event_archive> archive;
  };

  node& owner;
  std::string name;
  std::string run; ///< `pipeline_spec::run`
  std::shared_ptr<std::vector<std::string>> root_paths =
    std::make_shared<std::vector<std::string>>(); ///< shared with sinks that tell them
  std::optional<gathering> gathered{};
  bool collects = false;             ///< or was to: what is wrong with that is in `mistakes`
  std::set<std::string> tell_news{}; ///< sinks that are told what is gathered from now on
  std::vector<part> sources{};
  std::vector<std::pair<std::string, watch_options>> roots{}; ///< of those that watch, by child
  std::vector<std::shared_ptr<watch_options>> watched{};      ///< shared with their factories
  std::vector<part> stages{};                                 ///< in the order of the flow
  std::vector<part> sinks{};
  std::vector<relay> relays{};
  std::vector<std::string> spools{}; ///< their files
  std::vector<nest> groups{};
  std::vector<std::shared_ptr<inbox_store>> inboxes{}; ///< shared with the host's
  std::vector<std::shared_ptr<state_file>> states{};   ///< of those roots that are remembered
  mailbox_limits mailboxes{};
  std::map<std::string, mailbox_limits> mailbox{}; ///< of single children
  supervise_options supervise{};
  std::vector<error> mistakes{};

  const nest* group_of(const std::string& child) const;
  const mailbox_limits& mailbox_of(const std::string& child) const;

  /// Adds what is wrong with the whole to `mistakes`.
  void check();

  /// Children in the order of starting: the sinks, the stages from last to first, the sources. Each
  /// feeds the one before it, the last stage all sinks. A group stands before the first of its
  /// children.
  pipeline_spec spec(const fault_plan& faults) const;

private:
  void complain(errc code, std::string text);
  void check_ends();
};

} // namespace actors

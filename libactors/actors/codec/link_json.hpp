#pragma once

#include "actors/core/link_health.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace actors {

/// Links, collectors and peers as `/health` has them. Fields that are unknown are ignored, those
/// that are missing keep their defaults; one of the wrong type throws `nlohmann::json::exception`.
nlohmann::ordered_json to_object(const link_health& x);
nlohmann::ordered_json to_object(const collector_health& x);
nlohmann::ordered_json to_object(const peer_health& x);
link_health link_of(const nlohmann::json& object);
collector_health collector_of(const nlohmann::json& object);
peer_health peer_of(const nlohmann::json& object);

/// What `GET /nodes` says: `{"nodes":[...]}`, a row for each node that links or linked here, by
/// name. One of several links of a node being up makes it up.
std::string nodes_json(const std::vector<peer_health>& peers);

} // namespace actors

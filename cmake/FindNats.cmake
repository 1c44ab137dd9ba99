# The C client of NATS: Debian's CMake package names files of packages that it does not depend on.
# Gives nats::client.
include(FindPackageHandleStandardArgs)
find_path(Nats_INCLUDE_DIR nats/nats.h)
find_library(Nats_LIBRARY nats)
find_package_handle_standard_args(Nats REQUIRED_VARS Nats_LIBRARY Nats_INCLUDE_DIR)
if(Nats_FOUND AND NOT TARGET nats::client)
  add_library(nats::client UNKNOWN IMPORTED)
  set_target_properties(nats::client PROPERTIES
    IMPORTED_LOCATION ${Nats_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${Nats_INCLUDE_DIR})
endif()
mark_as_advanced(Nats_INCLUDE_DIR Nats_LIBRARY)

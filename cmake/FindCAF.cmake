# Debian's libcaf-dev 0.17 ships no CMake package, so we find it by hand. Gives CAF::core and CAF::io.
include(FindPackageHandleStandardArgs)
find_path(CAF_INCLUDE_DIR caf/actor_system.hpp)
find_library(CAF_CORE_LIBRARY caf_core)
find_library(CAF_IO_LIBRARY caf_io)
if(CAF_INCLUDE_DIR)
  file(STRINGS ${CAF_INCLUDE_DIR}/caf/config.hpp CAF_line REGEX "#define CAF_VERSION ")
  string(REGEX REPLACE "^.*CAF_VERSION ([0-9]+)$" "\\1" CAF_number "${CAF_line}")
  math(EXPR CAF_major "${CAF_number} / 10000")
  math(EXPR CAF_minor "${CAF_number} / 100 % 100")
  math(EXPR CAF_patch "${CAF_number} % 100")
  set(CAF_VERSION ${CAF_major}.${CAF_minor}.${CAF_patch})
endif()
find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_CORE_LIBRARY CAF_IO_LIBRARY CAF_INCLUDE_DIR VERSION_VAR CAF_VERSION)
if(CAF_FOUND AND NOT TARGET CAF::core)
  find_package(Threads REQUIRED)
  add_library(CAF::core UNKNOWN IMPORTED)
  set_target_properties(CAF::core PROPERTIES
    IMPORTED_LOCATION ${CAF_CORE_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${CAF_INCLUDE_DIR}
    INTERFACE_LINK_LIBRARIES Threads::Threads)
  add_library(CAF::io UNKNOWN IMPORTED)
  set_target_properties(CAF::io PROPERTIES
    IMPORTED_LOCATION ${CAF_IO_LIBRARY}
    INTERFACE_LINK_LIBRARIES CAF::core)
endif()
mark_as_advanced(CAF_INCLUDE_DIR CAF_CORE_LIBRARY CAF_IO_LIBRARY)

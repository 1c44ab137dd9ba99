# Debian's libcpp-httplib-dev ships no CMake package, so we find it by hand. Gives httplib::httplib.
include(FindPackageHandleStandardArgs)
find_path(Httplib_INCLUDE_DIR httplib.h)
find_library(Httplib_LIBRARY cpp-httplib)
if(Httplib_INCLUDE_DIR)
  file(STRINGS ${Httplib_INCLUDE_DIR}/httplib.h Httplib_line REGEX "#define CPPHTTPLIB_VERSION ")
  string(REGEX REPLACE "^.*CPPHTTPLIB_VERSION \"([0-9.]+)\"$" "\\1" Httplib_VERSION "${Httplib_line}")
endif()
find_package_handle_standard_args(Httplib
  REQUIRED_VARS Httplib_LIBRARY Httplib_INCLUDE_DIR VERSION_VAR Httplib_VERSION)
if(Httplib_FOUND AND NOT TARGET httplib::httplib)
  find_package(OpenSSL REQUIRED)
  find_package(Threads REQUIRED)
  add_library(httplib::httplib UNKNOWN IMPORTED)
  # What the library was built with, as its pkg-config file says: classes have other members without.
  set_target_properties(httplib::httplib PROPERTIES
    IMPORTED_LOCATION ${Httplib_LIBRARY}
    INTERFACE_INCLUDE_DIRECTORIES ${Httplib_INCLUDE_DIR}
    INTERFACE_COMPILE_DEFINITIONS "CPPHTTPLIB_OPENSSL_SUPPORT;CPPHTTPLIB_ZLIB_SUPPORT;CPPHTTPLIB_BROTLI_SUPPORT"
    INTERFACE_LINK_LIBRARIES "OpenSSL::SSL;OpenSSL::Crypto;Threads::Threads")
endif()
mark_as_advanced(Httplib_INCLUDE_DIR Httplib_LIBRARY)

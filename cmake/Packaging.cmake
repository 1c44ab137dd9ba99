# Debian packages, by `cpack -G DEB` in a build of the preset "package" (tools/release does it all): libactors0,
# libactors-dev and actors, one for each component of the install. No package has a script to run as root.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME actors)
set(CPACK_PACKAGE_CONTACT "the libactors authors <maintainers@libactors.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL library development program)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)

set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(version "${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY ">=")
set(CPACK_POST_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/PackagesWithoutScripts.cmake)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/libactors)

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME libactors0)
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_COMPONENT_LIBRARY_DESCRIPTION "supervised, bounded, observable event pipelines (library)
Watches file systems and hands what changed through stages and sinks that
are supervised like those of Erlang: what crashes is restarted, every queue
has a bound, and what is lost is counted.")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libactors-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "libactors0 (= ${version}), libexpected-dev")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "libcaf-dev") # for actors::testkit and actors::caf
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "supervised, bounded, observable event pipelines (development)
The headers, the CMake package and the testkit of libactors.")

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME actors)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION utils)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS "libactors0 (= ${version})")
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION "tells what changes in directory trees, and acts on it
Streams changes below directories as JSON lines, exactly enough to replay
them, with fanotify, inotify or polling; and runs pipelines of them as a
service. What crashes is restarted, and every part can be looked at.")

# Debian's policy 12.5 and 12.7: each package its copyright and changelog.
set(papers ${PROJECT_BINARY_DIR}/papers)
foreach(paper IN ITEMS changelog.Debian=packaging/debian/changelog NEWS=CHANGELOG.md operating.md=docs/operating.md)
  string(REGEX MATCH "^([^=]+)=(.+)$" parts "${paper}")
  if(EXISTS ${PROJECT_SOURCE_DIR}/${CMAKE_MATCH_2})
    set(source ${PROJECT_SOURCE_DIR}/${CMAKE_MATCH_2})
    set(packed ${papers}/${CMAKE_MATCH_1}.gz)
    add_custom_command(OUTPUT ${packed} COMMAND ${CMAKE_COMMAND} -E make_directory ${papers}
      COMMAND gzip -9n <${source} >${packed} DEPENDS ${source})
    list(APPEND packed_papers ${packed})
  endif()
endforeach()
add_custom_target(papers ALL DEPENDS ${packed_papers})
foreach(package IN ITEMS library=libactors0 development=libactors-dev program=actors)
  string(REGEX MATCH "^([^=]+)=(.+)$" parts "${package}")
  install(FILES ${PROJECT_SOURCE_DIR}/packaging/debian/copyright ${papers}/changelog.Debian.gz
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${CMAKE_MATCH_2} COMPONENT ${CMAKE_MATCH_1})
endforeach()
install(FILES ${papers}/NEWS.gz ${papers}/operating.md.gz
  DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/actors COMPONENT program)

include(CPack)

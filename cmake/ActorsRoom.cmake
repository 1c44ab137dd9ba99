# actors_room(<name> SOURCES file... [USES room...] [LINKS target...])
#
# A room is one folder of libactors and one object library. It can use only rooms declared above
# it, so the rooms can never form a cycle. All rooms together are the library actors::actors; an
# executable that wants only the lower floors links those rooms instead.
function(actors_room name)
  cmake_parse_arguments(ARG "" "" "SOURCES;USES;LINKS" ${ARGN})
  foreach(room IN LISTS ARG_USES)
    if(NOT TARGET actors_${room})
      message(FATAL_ERROR "room '${name}' uses '${room}', which is not declared above it")
    endif()
  endforeach()
  add_library(actors_${name} OBJECT ${ARG_SOURCES})
  target_include_directories(actors_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/libactors>)
  target_link_libraries(actors_${name} PUBLIC ${ARG_LINKS} PRIVATE actors_warnings)
  foreach(room IN LISTS ARG_USES)
    target_link_libraries(actors_${name} PUBLIC $<BUILD_INTERFACE:actors_${room}>)
  endforeach()
  set_property(GLOBAL APPEND PROPERTY ACTORS_ROOMS ${name})
endfunction()

# actors_rooms_objects(<target> room...): compiles the objects of the named rooms into <target>.
# CMake does not pass objects on through linked object libraries, so they are named one by one.
function(actors_rooms_objects target)
  foreach(room IN LISTS ARGN)
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:actors_${room}>)
    target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:actors_${room}>)
  endforeach()
endfunction()

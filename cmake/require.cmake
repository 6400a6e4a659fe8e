# What is missing, in one line that says how to get it.

# backdrop_require_header(VARIABLE HEADER PACKAGE [OPTION]): the folder that has HEADER. OPTION is what
# to switch off to do without it.
function(backdrop_require_header variable header package)
  find_path(${variable} ${header})
  mark_as_advanced(${variable})
  if(NOT ${variable})
    backdrop_missing("the header ${header}" ${package} ${variable} ${ARGN})
  endif()
endfunction()

function(backdrop_require_library variable library package)
  find_library(${variable} ${library})
  mark_as_advanced(${variable})
  if(NOT ${variable})
    backdrop_missing("the library ${library}" ${package} ${variable} ${ARGN})
  endif()
endfunction()

function(backdrop_require_program variable program package)
  find_program(${variable} ${program})
  mark_as_advanced(${variable})
  if(NOT ${variable})
    backdrop_missing("the program ${program}" ${package} ${variable} ${ARGN})
  endif()
endfunction()

# backdrop_require_package(NAME DEBIAN_PACKAGE OPTION [find_package's arguments]). A macro, because
# packages set variables.
macro(backdrop_require_package name package option)
  find_package(${name} ${ARGN} QUIET)
  if(NOT ${name}_FOUND)
    backdrop_missing("${name}" ${package} CMAKE_PREFIX_PATH ${option})
  endif()
endmacro()

function(backdrop_missing what package variable)
  set(remedy "install it (Debian: ${package}) or set ${variable}")
  if(ARGN)
    string(APPEND remedy ", or build without it: -D${ARGN}=OFF")
  endif()
  message(FATAL_ERROR " Backdrop needs ${what}: ${remedy}")
endfunction()

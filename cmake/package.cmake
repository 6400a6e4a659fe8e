# `cpack`: Debian's packages, of a build with a shared library (the preset `package`).
set(CPACK_GENERATOR DEB)
set(CPACK_OUTPUT_FILE_PREFIX ${PROJECT_BINARY_DIR}/debs)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# Whoever builds the packages maintains them, and says so as to Debian's tools.
set(CPACK_PACKAGE_CONTACT "Backdrop contributors <backdrop@localhost>")
if(DEFINED ENV{DEBFULLNAME} AND DEFINED ENV{DEBEMAIL})
  set(CPACK_PACKAGE_CONTACT "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
endif()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)  # on the same version
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# libbackdrop itself is in no package that is installed here.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR}/engine)
# What install rules leave to a package: its copyright and changelog, compressed pages.
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/debian/complete.cmake)
set(CPACK_BACKDROP_DEBIAN_FOLDER ${PROJECT_SOURCE_DIR}/packaging/debian)
string(TIMESTAMP CPACK_BACKDROP_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)  # SOURCE_DATE_EPOCH, if set

# backdrop_package(COMPONENT PACKAGE SECTION SUMMARY DESCRIPTION [DEPENDS components...]
# [RECOMMENDS packages] [SUGGESTS packages] [ENHANCES packages])
macro(backdrop_package component package section summary description)
  cmake_parse_arguments(package "" "RECOMMENDS;SUGGESTS;ENHANCES" "DEPENDS" ${ARGN})
  string(TOUPPER ${component} upper)
  list(APPEND CPACK_COMPONENTS_ALL ${component})
  set(CPACK_COMPONENT_${upper}_DEPENDS ${package_DEPENDS})
  set(CPACK_DEBIAN_${upper}_PACKAGE_NAME ${package})
  set(CPACK_DEBIAN_${upper}_PACKAGE_SECTION ${section})
  set(CPACK_DEBIAN_${upper}_DESCRIPTION "${summary}\n${description}")
  foreach(field RECOMMENDS SUGGESTS ENHANCES)
    set(CPACK_DEBIAN_${upper}_PACKAGE_${field} "${package_${field}}")
  endforeach()
endmacro()

set(what "Backdrop finds the people in a picture and changes what is behind them: it
blurs it, puts another picture there, or cuts the people out.")
set(soversion ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
set(library libbackdrop${soversion})
set(CPACK_COMPONENTS_ALL "")
backdrop_package(library ${library} libs
  "virtual backgrounds for pictures and live video (library)"
  "${what}\n\nThis package has the shared library.")
backdrop_package(development libbackdrop-dev libdevel
  "virtual backgrounds for pictures and live video (development files)"
  "${what}\n\nThis package has the C header, and what CMake and pkg-config need to find
the library."
  DEPENDS library)
if(BACKDROP_BUILD_CLI)
  backdrop_package(command backdrop video
    "virtual backgrounds for photos, videos and cameras (command)"
    "${what}\n\nThis package has the command. It works on photos and videos, and is a virtual
camera for other programs, by PipeWire or v4l2loopback."
    DEPENDS library RECOMMENDS "pipewire, ca-certificates" SUGGESTS v4l2loopback-dkms)
endif()
if(BACKDROP_BUILD_GSTREAMER)
  backdrop_package(gstreamer gstreamer1.0-backdrop libs
    "virtual backgrounds for live video (GStreamer element)"
    "${what}\n\nThis package has the GStreamer element. The command of the package backdrop
gets it models."
    DEPENDS library RECOMMENDS backdrop)
endif()
if(TARGET backdrop_obs)
  backdrop_package(obs obs-backdrop video
    "virtual backgrounds for live video (OBS filter)"
    "${what}\n\nThis package has the filter for OBS Studio. The command of the package
backdrop gets it models."
    RECOMMENDS "backdrop, obs-studio" ENHANCES obs-studio)  # the engine is within it
endif()

# For the packages of programs that are linked with the library.
set(control ${PROJECT_BINARY_DIR}/debian)
file(WRITE ${control}/shlibs "libbackdrop ${soversion} ${library} (>= ${PROJECT_VERSION})\n")
file(WRITE ${control}/triggers "activate-noawait ldconfig\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${control}/shlibs ${control}/triggers)

include(CPack)

# `cmake --install`: include/backdrop/backdrop.h, libbackdrop, lib/pkgconfig/backdrop.pc, and the CMake
# package with the target backdrop::backdrop.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(FILES ${PROJECT_SOURCE_DIR}/include/backdrop/backdrop.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/backdrop)
install(TARGETS backdrop EXPORT backdropTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(BACKDROP_BUILD_CLI)
  install(TARGETS backdrop_cli DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# What a program links beside a static library, in C, too; a shared one brings all of it.
set(pc_private "-lhwy -pthread")
foreach(library stdc++ c++)
  if(library IN_LIST CMAKE_CXX_IMPLICIT_LINK_LIBRARIES)
    set(cxx_library ${library})
    string(APPEND pc_private " -l${library}")
  endif()
endforeach()
string(APPEND pc_private " -lm")
get_target_property(type backdrop TYPE)
set(pc_cflags "")
if(type STREQUAL "SHARED_LIBRARY")
  set(pc_cflags " -DBACKDROP_SHARED")
endif()

set(packages_dir ${CMAKE_INSTALL_LIBDIR}/cmake/backdrop)
install(EXPORT backdropTargets NAMESPACE backdrop:: DESTINATION ${packages_dir})
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/backdropConfig.cmake.in ${PROJECT_BINARY_DIR}/backdropConfig.cmake
  INSTALL_DESTINATION ${packages_dir} NO_SET_AND_CHECK_MACRO)
# Until 1.0.0 a minor version may change names.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/backdropConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/backdropConfig.cmake
              ${PROJECT_BINARY_DIR}/backdropConfigVersion.cmake
        DESTINATION ${packages_dir})

# Relative to the folder of backdrop.pc, so that the whole prefix can be moved.
file(RELATIVE_PATH pc_includedir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
     ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(${PROJECT_SOURCE_DIR}/cmake/backdrop.pc.in ${PROJECT_BINARY_DIR}/backdrop.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/backdrop.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

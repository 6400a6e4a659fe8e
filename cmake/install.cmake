# `cmake --install`: the library (component `library`); include/backdrop/backdrop.h, backdrop.pc and the
# CMake package with the target backdrop::backdrop (`development`); and, if it is built, the command
# (`command`). What belongs to the plugins is in plugins/, the manual in apps/cli/manual.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(FILES ${PROJECT_SOURCE_DIR}/include/backdrop/backdrop.h
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/backdrop COMPONENT development)
install(TARGETS backdrop EXPORT backdropTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
                COMPONENT library NAMELINK_COMPONENT development
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
if(BACKDROP_BUILD_CLI)
  install(TARGETS backdrop_cli DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT command)
  install(FILES ${PROJECT_SOURCE_DIR}/packaging/org.backdrop.backdrop.metainfo.xml
          DESTINATION ${CMAKE_INSTALL_DATADIR}/metainfo COMPONENT command)
  # Units of users are looked for in lib/systemd, whatever the folder of libraries is.
  if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
    install(FILES ${PROJECT_SOURCE_DIR}/packaging/backdrop-camera.service
            DESTINATION lib/systemd/user COMPONENT command)
  endif()
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
install(EXPORT backdropTargets NAMESPACE backdrop:: DESTINATION ${packages_dir}
        COMPONENT development)
configure_package_config_file(
  ${PROJECT_SOURCE_DIR}/cmake/backdropConfig.cmake.in ${PROJECT_BINARY_DIR}/backdropConfig.cmake
  INSTALL_DESTINATION ${packages_dir} NO_SET_AND_CHECK_MACRO)
# Until 1.0.0 a minor version may change names.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/backdropConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/backdropConfig.cmake
              ${PROJECT_BINARY_DIR}/backdropConfigVersion.cmake
        DESTINATION ${packages_dir} COMPONENT development)

# Relative to the folder of backdrop.pc, so that the whole prefix can be moved.
file(RELATIVE_PATH pc_includedir ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
     ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(${PROJECT_SOURCE_DIR}/cmake/backdrop.pc.in ${PROJECT_BINARY_DIR}/backdrop.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/backdrop.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
        COMPONENT development)

# Run by cpack before it makes the packages: adds to each component's folder what Debian wants of a
# package.
find_program(GZIP gzip REQUIRED)

function(compress)
  execute_process(COMMAND ${GZIP} -9nf ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(component IN LISTS CPACK_COMPONENTS_ALL)
  string(TOUPPER ${component} upper)
  set(share ${CPACK_TEMPORARY_DIRECTORY}/${component}/usr/share)
  set(documents ${share}/doc/${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
  file(COPY ${CPACK_BACKDROP_DEBIAN_FOLDER}/copyright DESTINATION ${documents} NO_SOURCE_PERMISSIONS)
  file(WRITE ${documents}/changelog "backdrop (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * Built from Backdrop ${CPACK_PACKAGE_VERSION}.

 -- ${CPACK_PACKAGE_CONTACT}  ${CPACK_BACKDROP_DATE}
")
  file(GLOB pages ${share}/man/man1/*.1)
  compress(${documents}/changelog ${pages})
endforeach()

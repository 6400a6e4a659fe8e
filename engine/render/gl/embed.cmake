# Writes the shaders as constants of C++: shaders/joint_bilateral.glsl becomes kJointBilateral.
# cmake -DOUTPUT=FILE -DSHADERS=FILE,FILE... -P embed.cmake
string(REPLACE "," ";" shaders "${SHADERS}")
set(constants "")
foreach(shader IN LISTS shaders)
  get_filename_component(name ${shader} NAME_WE)
  string(REGEX REPLACE "_" ";" words ${name})
  set(constant k)
  foreach(word IN LISTS words)
    string(SUBSTRING ${word} 0 1 first)
    string(SUBSTRING ${word} 1 -1 rest)
    string(TOUPPER ${first} first)
    string(APPEND constant ${first}${rest})
  endforeach()
  file(READ ${shader} text)
  # Comments and indentation are for those who read the file.
  string(REGEX REPLACE "//[^\n]*" "" text "${text}")
  string(REGEX REPLACE "\n[ \n]+" "\n" text "${text}")
  string(APPEND constants "inline constexpr std::string_view ${constant} = R\"glsl(${text})glsl\";\n")
endforeach()
file(WRITE ${OUTPUT} "#pragma once

#include <string_view>

namespace backdrop::gl::shaders {

${constants}
}  // namespace backdrop::gl::shaders
")

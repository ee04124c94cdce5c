# cmake -DINPUT=FILE -DOUTPUT=FILE.cc -DNAME=kName -P embed.cmake
# Writes a source file that holds the input's bytes as chibo::kName and their count as kNameBytes.
file(READ ${INPUT} bytes HEX)
file(SIZE ${INPUT} size)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
file(
  WRITE ${OUTPUT}
  "#include <cstddef>

namespace chibo {
extern const unsigned char ${NAME}[];
extern const std::size_t ${NAME}Bytes;
const unsigned char ${NAME}[] = {
${bytes}
};
const std::size_t ${NAME}Bytes = ${size};
}  // namespace chibo
")
